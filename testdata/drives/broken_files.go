package drives

import "path"

// xxh64 is how most rolls of the broken drive are sealed.
const xxh64 = "xxhash64be"

// fileFaults are rolls in which single files are wrong.
func fileFaults() []fault {
	at := func(roll string) string { return dayFiles + "/Camera_Media/" + roll }
	return []fault{
		{at("A003R1AB"), "verified", clean, nil},
		{dayFiles + "/Sound_Media/S007", "verified", clean, nil},
		{at("A004R1AB"), "failed", func(s *site) {
			s.clips("", 5)
			s.seal(xxh64)
			s.edit(s.name(1), flip)
			s.edit(s.name(2), func(b []byte) []byte { return append(b, '!') })
			s.remove(s.name(3))
			s.clip(s.name(6))
		}, []Finding{
			read("mismatch", "A004C001.mxf"), looked("mismatch", "A004C002.mxf"),
			looked("missing", "A004C003.mxf"), looked("unlisted", "A004C006.mxf"),
		}},
		{at("A005R1AB"), "warning", func(s *site) {
			s.clips("", 2)
			entries := s.list(xxh64)
			entries[1].Hashes = []Hash{{Element: "null"}}
			s.write(entries)
		}, []Finding{looked("size-only", "A005C002.mxf")}},
		{at("A006R1AB"), "warning", unknownHash, []Finding{looked("unverifiable", "A006C002.mxf")}},
		{at("A007R1AB"), "failed", outside, []Finding{
			looked("rejected", "../A003R1AB/A003C001.mxf"), looked("manifest-unsafe", sealedAs("A007R1AB")),
		}},
		{at("A008R1AB"), "failed", links, []Finding{
			looked("rejected", "A008C003.mxf"), looked("symlink", "A008C003.mxf"), looked("symlink", "A008C004.mxf"),
		}},
		{at("A009R1AB"), "verified", func(s *site) {
			s.clips("", 1)
			s.clip("take@2.mxf")
			s.seal(xxh64)
			s.fifo(s.path + "/A009C003.mxf")
		}, []Finding{looked("illegal-name", "take@2.mxf"), looked("special-file", "A009C003.mxf")}},
		{at("A010R1AB"), "failed", func(s *site) {
			s.clips("", 2)
			entries := s.list(xxh64)
			other := entries[0]
			other.Hashes = entries[1].Hashes
			s.write(append(entries, other))
		}, []Finding{looked("contradiction", "A010C001.mxf"), read("mismatch", "A010C001.mxf")}},
		{at("A012R1AB"), "warning", wrongFolderHash, []Finding{read("directory-hash", "Clips")}},
	}
}

// clean is a roll with nothing wrong.
func clean(s *site) {
	s.clips("", 2)
	s.seal(xxh64)
}

// unknownHash seals the second clip with a checksum that the format does not have.
func unknownHash(s *site) {
	s.clips("", 2)
	entries := s.list("xxh64")
	entries[1].Hashes[0].Element = "sha256"
	s.sealASC(Generation{Entries: entries})
}

// outside lists a file of another roll.
func outside(s *site) {
	s.clips("", 1)
	entries := s.list(xxh64)
	there := entries[0]
	there.Path = "../A003R1AB/A003C001.mxf"
	s.write(append(entries, there))
}

// links has two symbolic links, one of them listed as if it were a file.
func links(s *site) {
	s.clips("", 2)
	entries := s.list(xxh64)
	link := entries[0]
	link.Path = s.name(3)
	s.write(append(entries, link))
	s.symlink(s.path+"/"+s.name(3), s.name(1))
	s.symlink(s.path+"/"+s.name(4), s.name(1))
}

// wrongFolderHash records another folder's hash for Clips.
func wrongFolderHash(s *site) {
	s.clips("Clips", 2)
	s.clips("More", 1)
	s.sealASC(Generation{Elements: []string{"xxh64"}, Folders: true})
	if s.err != nil {
		return
	}
	folders, err := folderHashes(s.abs(s.path), "xxh64")
	s.do(err)
	s.edit(generation(1, path.Base(s.path)), func(data []byte) []byte {
		return replaceLast(data, folders[0].content, folders[1].content)
	})
	s.do(WriteChain(s.abs(s.path), brokenSealed, "c4"))
}
