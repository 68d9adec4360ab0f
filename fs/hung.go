package fs

import (
	"sync"
	"time"

	"footagefs/verify/drive"
)

// answerWithin is how long a drive may take to answer for its top folders. One that hangs
// must not keep anybody from listing the library, which lies on no drive.
const answerWithin = time.Second

// hung knows the drives that did not answer in time and still have not. They are not asked
// again until they do: whoever asks would wait, too.
type hung struct {
	mu   sync.Mutex
	late map[*drive.Drive]int // questions without an answer
}

// patiently asks a drive something that may never be answered. It is false where there was
// no answer in time; what ask finds is then not to be used.
func (h *hung) patiently(d *drive.Drive, ask func()) bool {
	if h.is(d) {
		return false
	}
	answered := make(chan struct{})
	go func() {
		ask()
		close(answered)
	}()
	limit := time.NewTimer(answerWithin)
	defer limit.Stop()
	select {
	case <-answered:
		return true
	case <-limit.C:
	}
	h.add(d, 1)
	go func() {
		<-answered
		h.add(d, -1)
	}()
	return false
}

func (h *hung) is(d *drive.Drive) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.late[d] > 0
}

func (h *hung) add(d *drive.Drive, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.late == nil {
		h.late = make(map[*drive.Drive]int)
	}
	if h.late[d] += n; h.late[d] == 0 {
		delete(h.late, d)
	}
}

// look is what stat finds.
type look struct {
	info drive.Info
	err  error
}

// statTop looks at a folder in which a roll or a drive begins. A drive that does not
// answer is as good as away.
func (f *fileSystem) statTop(d *driveView, path string) (drive.Info, error) {
	if d.handle == nil {
		return drive.Info{}, drive.ErrGone
	}
	found := make(chan look, 1)
	if !f.hung.patiently(d.handle, func() {
		info, err := f.stat(d.handle, path)
		found <- look{info, err}
	}) {
		return drive.Info{}, drive.ErrGone
	}
	l := <-found
	return l.info, l.err
}

// room is how much a drive holds and has left, in blocks of size bytes.
type room struct {
	blocks, free, files, filesFree uint64
	size                           uint32
	err                            error
}

// room asks a drive for it; ok is false where there is no answer.
func (f *fileSystem) room(d *driveView) (r room, ok bool) {
	if d.handle == nil {
		return room{}, false
	}
	found := make(chan room, 1)
	if !f.hung.patiently(d.handle, func() {
		var r room
		r.blocks, r.free, r.files, r.filesFree, r.size, r.err = d.handle.StatFS()
		found <- r
	}) {
		return room{}, false
	}
	r = <-found
	return r, r.err == nil
}
