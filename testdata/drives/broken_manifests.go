package drives

import "bytes"

// manifestFaults are rolls whose manifest is wrong, missing or in the wrong place.
func manifestFaults() []fault {
	at := func(roll string) string { return dayManifests + "/Camera_Media/" + roll }
	return []fault{
		{at("B001R2CD"), "unverified", func(s *site) { s.clips("", 2) }, []Finding{looked("no-manifest", "")}},
		{at("B002R2CD"), "unverified", func(s *site) { s.folder(s.path + "/Clips") }, []Finding{looked("empty-roll", "")}},
		{at("B003R2CD"), "invalid-manifest", func(s *site) {
			clean(s)
			s.edit(sealedAs("B003R2CD"), func(b []byte) []byte { return b[:len(b)-20] })
		}, []Finding{looked("manifest-malformed", sealedAs("B003R2CD"))}},
		{at("B004R2CD"), "invalid-manifest", func(s *site) {
			s.clips("", 2)
			s.write(nil)
		}, []Finding{
			looked("manifest-empty", sealedAs("B004R2CD")),
			looked("unlisted", "B004C001.mxf"), looked("unlisted", "B004C002.mxf"),
		}},
		{at("B005R2CD"), "invalid-manifest", func(s *site) {
			clean(s)
			s.edit(sealedAs("B005R2CD"), func(b []byte) []byte {
				return bytes.Replace(b, []byte("<hashlist"), []byte("<!DOCTYPE hashlist [<!ENTITY a \"A\">]>\n<hashlist"), 1)
			})
		}, []Finding{looked("manifest-unsafe", sealedAs("B005R2CD"))}},
		{at("B006R2CD"), "invalid-manifest", func(s *site) {
			clean(s)
			s.edit(sealedAs("B006R2CD"), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`version="1.1"`), []byte(`version="3.0"`), 1)
			})
		}, []Finding{looked("manifest-version", sealedAs("B006R2CD"))}},
		{at("B007R2CD"), "unverified", func(s *site) {
			s.clips("", 2)
			s.seal("null")
		}, []Finding{
			looked("size-only", "B007C001.mxf"), looked("size-only", "B007C002.mxf"), {"error", "not-verified", "", Verified},
		}},
		{at("B008R2CD"), "warning", twoManifests, []Finding{looked("multiple-manifests", "")}},
		{at("B009R2CD"), "warning", func(s *site) {
			s.clips("Clips", 2)
			s.site(s.path + "/Clips").seal(xxh64)
		}, []Finding{looked("no-manifest", ""), looked("manifest-not-at-roll-root", "Clips/"+sealedAs("Clips"))}},
		{dayAbove, "", func(s *site) {
			roll := s.site(s.path + "/Camera_Media/C001R3EF")
			roll.clips("", 2)
			s.seal(xxh64)
		}, []Finding{looked("manifest-outside-roll", sealedAs(dayAbove))}},
		{dayAbove + "/Camera_Media/C001R3EF", "warning", func(*site) {}, []Finding{looked("no-manifest", "")}},
	}
}

// twoManifests seals a roll twice, as two machines would: nothing contradicts.
func twoManifests(s *site) {
	clean(s)
	if s.err != nil {
		return
	}
	_, err := SealLegacy(s.abs(s.path), brokenSealed.AddDate(0, 0, 1), "md5")
	s.do(err)
}

// chainFaults are rolls whose ASC MHL history is broken or odd.
func chainFaults() []fault {
	at := func(roll string) string { return dayManifests + "/Camera_Media/" + roll }
	return []fault{
		{at("B011R2CD"), "invalid-manifest", func(s *site) {
			history(s, 1)
			s.remove("ascmhl/ascmhl_chain.xml")
		}, []Finding{looked("chain-missing", "ascmhl")}},
		{at("B012R2CD"), "invalid-manifest", func(s *site) {
			history(s, 1)
			s.edit(generation(1, "B012R2CD"), func(b []byte) []byte { return append(b, "<!-- edited -->\n"...) })
		}, []Finding{looked("chain-mismatch", generation(1, "B012R2CD"))}},
		{at("B013R2CD"), "invalid-manifest", func(s *site) {
			history(s, 2)
			s.remove(generation(2, "B013R2CD"))
		}, []Finding{looked("chain-manifest-missing", generation(2, "B013R2CD"))}},
		{at("B014R2CD"), "verified", func(s *site) {
			history(s, 1)
			s.do(writeAt(s.abs(s.path+"/"+generation(2, "B014R2CD")), ASC(Generation{
				At: brokenSealed, Action: "verified", Entries: s.list("xxh64"),
			}), brokenSealed))
		}, []Finding{looked("manifest-not-in-chain", generation(2, "B014R2CD"))}},
		{at("B015R2CD"), "verified", func(s *site) {
			history(s, 1)
			s.do(WriteChain(s.abs(s.path), brokenSealed, "md5"))
		}, []Finding{looked("chain-not-c4", "")}},
	}
}

// history seals a roll as so many generations.
func history(s *site, generations int) {
	s.clips("", 2)
	for range generations {
		s.sealASC(Generation{Elements: []string{"xxh64"}})
	}
}
