package drive

// Number is a number made of facts, to be told by it again (FNV-1a, 64 bits): it moves when
// one of them does. What is made of the same facts is the same number in every process.
type Number uint64

// NoFacts is the number of nothing, with which every other begins.
const NoFacts Number = 14695981039346656037

// Add adds a byte, or what may be taken for one.
func (n Number) Add(b uint64) Number { return (n ^ Number(b)) * 1099511628211 }

// Text adds the bytes of a text, not where it ends.
func (n Number) Text(s string) Number {
	for i := range len(s) {
		n = n.Add(uint64(s[i]))
	}
	return n
}

// Word adds eight bytes.
func (n Number) Word(w uint64) Number {
	for range 8 {
		n = n.Add(w & 0xff)
		w >>= 8
	}
	return n
}
