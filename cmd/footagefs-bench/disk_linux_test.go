package main

import "testing"

func TestGroupIn(t *testing.T) {
	const mixed = "9:blkio:/user.slice\n8:cpu,cpuacct:/x\n0::/y\n"
	tests := []struct {
		groups, controller, want string
		err                      bool
	}{
		{mixed, "blkio", "/user.slice", false},
		{mixed, "cgroup", "/y", false},
		{"0::/\n", "cgroup", "/", false},
		{"0::/a:b\n", "cgroup", "/a:b", false},
		{"0::/\n", "blkio", "", true},
		{"", "cgroup", "", true},
	}
	for _, test := range tests {
		if got, err := groupIn(test.groups, test.controller); got != test.want || (err != nil) != test.err {
			t.Errorf("%s in %q: got %q, %v; want %q", test.controller, test.groups, got, err, test.want)
		}
	}
}
