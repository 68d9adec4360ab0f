package drives

import (
	"fmt"
	"sort"
)

// Describe lists what is to be found on a drive of a kind (sample, broken, cards,
// hostile), sorted: its rolls as TYPE DATE STATUS PATH, the statuses once all was read;
// its findings as SEVERITY CODE PATH, with what looked only those that need no reading,
// with read those of a report after a verification, with all those of the verification
// itself too. Of the hostile drive it lists the honest rolls alone.
func Describe(kind, what string) ([]string, error) {
	var lines []string
	switch what {
	case "rolls":
		for _, r := range rollsOf(kind) {
			lines = append(lines, r.Type+" "+r.Date+" "+r.Status+" "+r.Path)
		}
	case "looked", "read", "all":
		last := map[string]When{"looked": Looked, "read": Read, "all": Verified}[what]
		for _, f := range findingsOf(kind) {
			if f.When <= last {
				lines = append(lines, f.Severity+" "+f.Code+" "+f.Path)
			}
		}
	default:
		return nil, fmt.Errorf("there is no list called %q", what)
	}
	sort.Strings(lines)
	return lines, nil
}

func rollsOf(kind string) []Roll {
	switch kind {
	case "sample":
		return SampleRolls()
	case "broken":
		return BrokenRolls()
	case "cards":
		return CardRolls()
	case "hostile":
		return HonestRolls()
	}
	return nil
}

// findingsOf is empty for the sample drive, with which nothing is wrong.
func findingsOf(kind string) []Finding {
	switch kind {
	case "broken":
		return BrokenFindings()
	case "cards":
		return CardFindings()
	}
	return nil
}
