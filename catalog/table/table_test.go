package table

import (
	"bytes"
	"testing"
)

func TestRowsAsCSVAndJSON(t *testing.T) {
	rows := func(yield func([]Cell) bool) {
		_ = yield([]Cell{Text("plain"), Number(7), {}, Text("")}) &&
			yield([]Cell{Text("=SUM(A1)"), Number(-1), {}, Text("a, \"b\"\nc\\")}) &&
			yield([]Cell{Text("\xff<&>"), Number(0), {}, Text("-x")})
	}
	columns := []string{"a", "b", "c", "d"}
	var text bytes.Buffer
	if err := Write(&text, columns, rows, false); err != nil {
		t.Fatal(err)
	}
	want := "a,b,c,d\nplain,7,,\n'=SUM(A1),-1,,\"a, \"\"b\"\"\\u000ac\\\\\"\n\\xff<&>,0,,'-x\n"
	if got := text.String(); got != want {
		t.Errorf("got CSV\n%s\nwant\n%s", got, want)
	}
	text.Reset()
	if err := Write(&text, columns, rows, true); err != nil {
		t.Fatal(err)
	}
	want = `[
{"a":"plain","b":7,"c":null,"d":null},
{"a":"=SUM(A1)","b":-1,"c":null,"d":"a, \"b\"\nc\\"},
{"a":"\\xff<&>","b":0,"c":null,"d":"'-x","escaped":true}
]
`
	if got := text.String(); got != want {
		t.Errorf("got JSON\n%s\nwant\n%s", got, want)
	}
}
