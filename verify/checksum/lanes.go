package checksum

import (
	"encoding"
	"encoding/binary"
	"hash"
	"runtime"
	"slices"
	"sync"
)

// MD5 and SHA-512 take each step from the last one's result, which nothing makes faster
// for one stream; but a core's vector registers do each step for several streams at once.
// The standard library's hashes remain in charge: whole blocks pass by them, and they get
// the chaining value back. They alone hash beginnings, ends, and what comes alone.
const (
	// laneCount is how many streams are hashed at once.
	laneCount = 8
	// laneFewest is how many there must be: lanes that are idle cost as much as others.
	laneFewest = 3
	// laneCores is how many cores do so: more would find fewer streams each, and two are
	// faster than drives.
	laneCores = 2
	// laneBlock is how much of a stream is hashed at once, in bytes: what all lanes need
	// together must be in a core's cache still.
	laneBlock = 256 << 10
	// laneLeast is how many bytes of a stream are worth the way here.
	laneLeast = 16 << 10
	// laneMagic is how many bytes come first when a hash of the standard library is
	// marshalled. Its chaining value, most significant byte first, an incomplete block, and
	// the length in bytes follow.
	laneMagic = 4
)

// kernel hashes whole blocks of several streams at once.
type kernel struct {
	block int // bytes
	state int // bytes of the chaining value
	run   func(streams []*stream, blocks int)
}

// stream is a hash with bytes that it is to be given.
type stream struct {
	hash  hash.Hash
	text  []byte        // the hash, marshalled
	bytes []byte        // what is not hashed yet
	done  chan struct{} // gets a value when the goroutine that has taken it is done with it
}

// begin prepares the hash for a kernel; false says that it cannot be.
func (s *stream) begin(k *kernel, b []byte) bool {
	h, ok := s.hash.(encoding.BinaryAppender)
	if !ok {
		return false
	}
	var err error
	s.text, err = h.AppendBinary(s.text[:0])
	s.bytes = b
	return err == nil && len(s.text) == laneMagic+k.state+k.block+8 && s.length()%uint64(k.block) == 0
}

// end gives the hash what the kernel has computed, and all that it has left.
func (s *stream) end(b []byte) {
	h, ok := s.hash.(encoding.BinaryUnmarshaler)
	if len(s.bytes) == len(b) || !ok || h.UnmarshalBinary(s.text) != nil {
		s.bytes = b // the hash is as it was
	}
	s.hash.Write(s.bytes) // a hash never fails
	s.bytes = nil
}

func (s *stream) value() []byte  { return s.text[laneMagic:] }
func (s *stream) length() uint64 { return binary.BigEndian.Uint64(s.text[len(s.text)-8:]) }

// advance counts n bytes that the kernel has hashed.
func (s *stream) advance(n int) {
	binary.BigEndian.PutUint64(s.text[len(s.text)-8:], s.length()+uint64(n))
	s.bytes = s.bytes[n:]
}

// hash hashes what all streams have, then what all but the shortest have, and so on, while
// it is worth it.
func (k *kernel) hash(streams []*stream) {
	for len(streams) >= laneFewest {
		least := slices.MinFunc(streams, func(a, b *stream) int { return len(a.bytes) - len(b.bytes) })
		n := len(least.bytes) / k.block
		if n > 0 {
			k.run(streams, n)
		}
		for _, s := range streams {
			s.advance(n * k.block)
		}
		streams = slices.DeleteFunc(streams, func(s *stream) bool { return len(s.bytes) < k.block })
	}
}

// lanes brings together goroutines that have bytes of a stream to hash. Nobody waits for
// bytes that are yet to come from a drive: who finds the others gone hashes alone.
type lanes struct {
	mu      sync.Mutex
	waiting []*stream
	cores   chan struct{} // has a value for each goroutine that hashes for others
}

// write hashes b, together with what other goroutines have for the same kernel.
func (l *lanes) write(k *kernel, s *stream, b []byte) {
	if len(b) < laneLeast || !s.begin(k, b) {
		s.hash.Write(b)
		return
	}
	select {
	case l.add(s) <- struct{}{}:
		l.lead(k, s)
		s.end(b)
		<-l.cores
	case <-s.done:
		s.end(b)
	}
}

// add adds a stream to those that wait. Its goroutine hashes for others, too, once it has
// given the channel a value.
func (l *lanes) add(s *stream) chan<- struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cores == nil {
		l.cores = make(chan struct{}, laneCores)
	}
	l.waiting = append(l.waiting, s)
	return l.cores
}

// lead hashes a stream that waits, and others with it, unless another goroutine does.
func (l *lanes) lead(k *kernel, s *stream) {
	runtime.Gosched() // whoever can run comes here, too, before one hashes for all
	batch := l.take(s)
	if batch == nil {
		<-s.done
		return
	}
	k.hash(slices.Clone(batch))
	for _, other := range batch[1:] {
		other.done <- struct{}{}
	}
}

// take takes a stream, first, and others that wait, the oldest first; none where another
// goroutine has taken it.
func (l *lanes) take(s *stream) []*stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, s)
	if i < 0 {
		return nil
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	n := min(len(l.waiting), laneCount-1)
	batch := append([]*stream{s}, l.waiting[:n]...)
	l.waiting = slices.Delete(l.waiting, 0, n)
	return batch
}
