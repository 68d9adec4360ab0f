package drive

import (
	"encoding/binary"
	"hash/fnv"
	"testing"
)

func TestNumberIsFNV(t *testing.T) {
	h := fnv.New64a()
	h.Write([]byte("é\xff\x00"))
	h.Write(binary.LittleEndian.AppendUint64(nil, 1<<63+7))
	if got := NoFacts.Text("é\xff\x00").Word(1<<63 + 7); uint64(got) != h.Sum64() {
		t.Errorf("got %x, want %x", got, h.Sum64())
	}
}
