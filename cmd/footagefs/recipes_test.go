package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// What the README shows for scripts is what station_recipes.txtar runs.
func TestRecipesOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := txtar.ParseFile(filepath.Join("testdata", "script", "station_recipes.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)\n```(?:sh|make)\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		shown[withoutComments(block[1])] = true
	}
	for _, file := range script.Files {
		recipe := file.Name == "mail-problems" || file.Name == "copy-verified" || file.Name == "Makefile"
		if recipe && !shown[withoutComments(string(file.Data))] {
			t.Errorf("%s is not as the README shows it", file.Name)
		}
	}
	if len(shown) != 3 {
		t.Errorf("the README shows %d recipes, want 3", len(shown))
	}
}

// withoutComments is a script without its comments and the blank lines at its ends.
func withoutComments(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, ""))
}
