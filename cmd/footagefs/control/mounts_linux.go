package control

func isOurs(m mountEntry) bool { return m.kind == "fuse.footagefs" }
