package drive

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// system is where the kernel and the device manager keep their records; "/" but in tests.
type system string

func (s system) path(elem ...string) string {
	return filepath.Join(append([]string{string(s)}, elem...)...)
}

// text is a record's content without white space around it, "" where there is none.
func (s system) text(elem ...string) string {
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// device is a block device: a disk or a part of one.
type device struct {
	sys    system
	number string // major:minor
	dir    string // in sysfs
	disk   string // in sysfs: the whole disk's folder, dir itself for a disk
	udev   map[string]string
}

// device finds a block device by its number.
func (s system) device(number string) (device, bool) {
	dir, err := filepath.EvalSymlinks(s.path("sys/dev/block", number))
	if err != nil {
		return device{}, false
	}
	d := device{sys: s, number: number, dir: dir, disk: dir}
	if s.text(dir, "partition") != "" {
		d.disk = filepath.Dir(dir)
	}
	d.udev = parseUdev(s.text(s.path("run/udev/data", "b"+number)))
	return d, true
}

// deviceOf finds the block device that a mount is of. A FUSE driver's word for its source
// is taken only where root mounted it.
func (s system) deviceOf(m mount) (device, bool) {
	if !strings.HasPrefix(m.Device, "0:") {
		return s.device(m.Device)
	}
	if strings.HasPrefix(m.Type, "fuse") && !m.has("user_id=0") || served(m.Type) || !filepath.IsAbs(m.Source) {
		return device{}, false
	}
	var st unix.Stat_t
	if unix.Stat(m.Source, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return device{}, false
	}
	return s.device(deviceNumber(st.Rdev))
}

func (d device) name() string { return filepath.Base(d.dir) }

// sequence is the number of the disk's medium: it grows with each that is attached.
func (d device) sequence() string { return d.sys.text(d.disk, "diskseq") }

// below are the devices that a composed one (encrypted, logical, raid) is made of.
func (d device) below() []device {
	entries, _ := os.ReadDir(filepath.Join(d.disk, "slaves"))
	var devices []device
	for _, e := range entries {
		if below, ok := d.sys.device(d.sys.text(d.disk, "slaves", e.Name(), "dev")); ok {
			devices = append(devices, below)
		}
	}
	return devices
}

// serial is the serial number of the disk, in one spelling; that of a card reader says
// nothing of the card in it.
func (d device) serial() string {
	if below := d.below(); len(below) == 1 {
		return below[0].serial()
	}
	if d.cardReader() {
		return ""
	}
	disk := d
	if d.disk != d.dir {
		disk, _ = d.sys.device(d.sys.text(d.disk, "dev"))
	}
	for _, candidate := range []string{
		d.udev["ID_SERIAL_SHORT"], disk.udev["ID_SERIAL_SHORT"], d.udev["ID_SERIAL"], disk.udev["ID_SERIAL"],
		d.usbSerial(),
		d.sys.text(d.disk, "serial"), d.sys.text(d.disk, "device/serial"), d.pageSerial(),
		d.sys.text(d.disk, "wwid"), d.sys.text(d.disk, "device/wwid"),
	} {
		if serial := canonicalSerial(candidate); serial != "" {
			return serial
		}
	}
	return ""
}

// pageSerial is the SCSI device's vital product data page 80: four bytes, then the number.
func (d device) pageSerial() string {
	page, err := os.ReadFile(filepath.Join(d.disk, "device/vpd_pg80"))
	if err != nil || len(page) < 4 {
		return ""
	}
	return string(page[4:])
}

// usbSerial is the serial number of the USB device that the disk is in.
func (d device) usbSerial() string {
	for dir := d.disk; len(dir) > len(d.sys.path("sys")); dir = filepath.Dir(dir) {
		if d.sys.text(dir, "idVendor") != "" {
			return d.sys.text(dir, "serial")
		}
	}
	return ""
}

// readerModel is how makers name readers of memory cards.
var readerModel = regexp.MustCompile(`(?i)reader|card|crw|sd/mmc|multi-?slot|compact ?flash|cfexpress|\bcf\b`)

// cardReader is true where the disk is a card in a reader on USB: several slots, or a
// reader by its name or by what the device manager knows of it.
func (d device) cardReader() bool {
	if d.sys.text(d.disk, "removable") != "1" || !strings.Contains(d.disk, "/usb") {
		return false
	}
	for name := range d.udev {
		if strings.HasPrefix(name, "ID_DRIVE_FLASH") || strings.HasPrefix(name, "ID_DRIVE_MEDIA_FLASH") {
			return true
		}
	}
	slot, err := filepath.EvalSymlinks(filepath.Join(d.disk, "device"))
	if err == nil {
		slots, _ := filepath.Glob(filepath.Join(filepath.Dir(slot), "[0-9]*:[0-9]*:[0-9]*:[0-9]*"))
		if len(slots) > 1 {
			return true
		}
	}
	return readerModel.MatchString(d.sys.text(d.disk, "device/vendor") + " " + d.sys.text(d.disk, "device/model"))
}

// rotating is true where the disk, or one that it is made of, is a rotating one. Virtual
// machines' disks say so of themselves without knowing.
func (d device) rotating() bool {
	if below := d.below(); len(below) > 0 {
		for _, b := range below {
			if b.rotating() {
				return true
			}
		}
		return false
	}
	if strings.Contains(d.disk, "/virtio") || strings.Contains(d.disk, "/devices/virtual/") {
		return false
	}
	return d.sys.text(d.disk, "queue/rotational") == "1"
}

// deviceNumber is major:minor.
func deviceNumber(dev uint64) string {
	return fmt.Sprintf("%d:%d", unix.Major(dev), unix.Minor(dev))
}
