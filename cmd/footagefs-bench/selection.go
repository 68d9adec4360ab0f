package main

import (
	"fmt"
	"strconv"
	"strings"
)

// lastRow is the highest number of a row.
const lastRow = 20

// selection is which rows are wanted; none named means all.
type selection map[string]bool

// parseSelection reads "1,5-9,curve".
func parseSelection(text string) (selection, error) {
	s := selection{}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if part == "curve" {
			s[part] = true
			continue
		}
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := rowNumber(from)
		if err != nil {
			return nil, err
		}
		last, err := rowNumber(to)
		if err != nil {
			return nil, err
		}
		if last < first {
			return nil, fmt.Errorf("--only %s: rows ascend", part)
		}
		for n := first; n <= last; n++ {
			s[strconv.Itoa(n)] = true
		}
	}
	return s, nil
}

func rowNumber(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > lastRow {
		return 0, fmt.Errorf("--only takes rows 1 to %d and curve, not %q", lastRow, text)
	}
	return n, nil
}

func (s selection) row(number int) bool { return len(s) == 0 || s[strconv.Itoa(number)] }

func (s selection) curve() bool { return len(s) == 0 || s["curve"] }
