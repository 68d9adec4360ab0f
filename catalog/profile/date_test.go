package profile

import (
	"strings"
	"testing"
)

func TestDayFolder(t *testing.T) {
	p := defaultProfile(t)
	tests := []struct {
		name string
		want DayName // the zero value: no day folder
	}{
		{"20230510", DayName{"20230510", "", "", ""}},
		{"20230510_EP103_Day05_MU", DayName{"20230510", "EP103", "Day05", "MU"}},
		{"20230510_ep103_day05_mu", DayName{"20230510", "ep103", "day05", "mu"}},
		{"20230510_MU_Day05_EP103", DayName{"20230510", "EP103", "Day05", "MU"}},
		{"20230510_101_05_2U", DayName{"20230510", "101", "05", "2U"}},
		{"20230510_101-102_D05_SU", DayName{"20230510", "101-102", "D05", "SU"}},
		{"20230510_Block01_D005_TU", DayName{"20230510", "Block01", "D005", "TU"}},
		{"20230510_B01_DU", DayName{"20230510", "B01", "", "DU"}},
		{"20230510_BK1_AU", DayName{"20230510", "BK1", "", "AU"}},
		{"20230510_SP", DayName{"20230510", "", "", "SP"}}, {"20230510_PU", DayName{"20230510", "", "", "PU"}},
		{"20230510_UU", DayName{"20230510", "", "", "UU"}}, {"20230510_RS", DayName{"20230510", "", "", "RS"}},
		{"20230510_AP", DayName{"20230510", "", "", "AP"}}, {"20230510_0U", DayName{"20230510", "", "", ""}},
		// A second of a kind, and fields that are none, are no fault.
		{"20230510_EP103_EP104_Day05_Day06_MU_SU", DayName{"20230510", "EP103", "Day05", "MU"}},
		{"20230510_Pickups_MU_x y", DayName{"20230510", "", "", "MU"}},
		{"20230510_", DayName{Date: "20230510"}}, {"20230510__MU", DayName{"20230510", "", "", "MU"}},
		{"20230510_\xff\n_MU", DayName{"20230510", "", "", "MU"}},
		{"20240229", DayName{Date: "20240229"}},
		{"20230510_" + strings.Repeat("x", 247), DayName{Date: "20230510"}},
		// No real date, or not by itself.
		{"20230230", DayName{}}, {"20231301", DayName{}}, {"20230229", DayName{}}, {"00000101", DayName{}}, {"20230500", DayName{}},
		{"230510", DayName{}}, {"2023-05-10", DayName{}}, {"20230510Day05", DayName{}}, {"20230510 Day05", DayName{}},
		{"20230510-Day05", DayName{}}, {"202305101", DayName{}}, {"_20230510", DayName{}}, {" 20230510", DayName{}}, {"", DayName{}},
		{"x20230510", DayName{}}, {"２０２３０５１０", DayName{}}, {"20230510\n", DayName{}},
	}
	for _, tt := range tests {
		got, ok := p.DayName(tt.name)
		if got != tt.want || ok != (tt.want != DayName{}) {
			t.Errorf("%q: got %+v, %v, want %+v", tt.name, got, ok, tt.want)
		}
	}
}

func TestSuggestedDates(t *testing.T) {
	p := defaultProfile(t)
	tests := []struct {
		name    string
		begins  bool   // with a date, right or wrong
		suggest string // "" where none can be told
	}{
		{"230510_Day05", true, "20230510_Day05"}, {"230510", true, "20230510"}, {"230510 Day 05", true, "20230510_Day_05"},
		{"20230510Day05", true, "20230510_Day05"}, {"20230510 EP103_MU", true, "20230510_EP103_MU"}, {"20230510-Day05", true, "20230510_Day05"},
		{"2023-05-10", true, "20230510"}, {"2023.05.10_MU", true, "20230510_MU"}, {"2023_05_10_MU", true, "20230510_MU"}, {"2023-5-1", true, "20230501"},
		{"2023-0510", true, "20230510"}, {"2023_0510-MU", true, "20230510_MU"}, {"202305-10", true, "20230510"},
		{"31.05.2023", true, "20230531"}, {"05-31-2023", true, "20230531"}, {"31052023_x", true, "20230531_x"}, {"05.05.2023", true, "20230505"},
		{"10.05.2023", true, ""}, {"10052023", true, ""}, // either order makes a date
		{"23-05-31", true, "20230531"}, {"23-05-10", true, ""}, {"31.5.23", true, "20230531"}, {"1.5.23", true, ""},
		{"310523", true, ""}, // the year is yet to come
		{"20230230", true, ""}, {"20231301", true, ""}, {"20230230_Day05", true, ""}, {"999999", true, ""}, {"12345678", true, ""},
		{"20230510 @ noon", true, ""}, // no legal name comes of it
		{"20230510", true, ""},        // right as it is
		{"2023", false, ""}, {"2023-05", false, ""}, {"1234567", false, ""}, {"202305101", false, ""}, {"5.1_Mix", false, ""},
		{"101-102", false, ""}, {"1.2.3", false, ""}, {"Day05", false, ""}, {"A230510", false, ""}, {"", false, ""}, {"07Y01M15", false, ""},
		{"192.168.1.10", false, ""}, {"20230510123000", false, ""},
	}
	for _, tt := range tests {
		_, begins := beginsWithDate(tt.name)
		suggest, ok := p.Suggest(tt.name, 2024)
		if !ok {
			suggest = ""
		}
		if begins != tt.begins || suggest != tt.suggest {
			t.Errorf("%q: got %v, %q, want %v, %q", tt.name, begins, suggest, tt.begins, tt.suggest)
		}
	}
}

func FuzzDayFolder(f *testing.F) {
	for _, name := range []string{
		"20230510_EP103_Day05_MU", "230510_Day05", "2023-05-10 x", "20230230", "20230510Day05", "31.05.2023", "\xff\n", strings.Repeat("9", 255),
	} {
		f.Add(name)
	}
	p := defaultProfile(f)
	f.Fuzz(func(t *testing.T, name string) {
		d, ok := p.DayName(name)
		if ok {
			if !strings.HasPrefix(name, d.Date) {
				t.Errorf("%q: got the date %q", name, d.Date)
			}
			for _, value := range []string{d.Episode, d.Day, d.Unit} {
				if !strings.Contains(name, value) {
					t.Errorf("%q: got %q, which is not in it", name, value)
				}
			}
			if _, begins := beginsWithDate(name); !begins && (len(name) == 8 || name[8] != '_') {
				t.Errorf("%q is a day folder and does not begin with a date", name)
			}
		}
		better, ok := p.Suggest(name, 2030)
		if !ok {
			return
		}
		if _, ok := p.DayName(better); !ok || better == name {
			t.Errorf("%q: got the suggestion %q", name, better)
		}
	})
}
