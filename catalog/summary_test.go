package catalog

import (
	"encoding/json"
	"testing"

	"footagefs/verify/finding"
)

func TestFindingsAreRemembered(t *testing.T) {
	want := finding.New(finding.Mismatch, "A001/bad\xffname.mxf", "the bytes of \xff differ")
	want.Note = "other bytes were read here"
	packed, err := json.Marshal(storeFinding(want))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		stored string
		want   finding.Finding
		ok     bool
	}{
		{string(packed), want, true},
		{`{"Severity":"error","Code":"mismatch","Path":"QTAwMQ==","Message":"QTAwMTogaXQgZGlmZmVycw=="}`, finding.Finding{Code: "mismatch", Severity: Error, Path: "A001"}, false},
	} {
		var stored storedFinding
		if err := json.Unmarshal([]byte(test.stored), &stored); err != nil {
			t.Fatal(err)
		}
		if got, ok := stored.finding(); got != test.want || ok != test.ok {
			t.Errorf("%s: got %+v, %v", test.stored, got, ok)
		}
	}
}
