package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"footagefs/cmd/footagefs/control"
	"footagefs/testdata/drives"
)

// tools are small commands of the scripts. They are processes of their own, so that each
// can be run by another: exec retry 10 asuser getx FILE status verified.
var tools = map[string]func(args []string) error{
	"getx":      getx,
	"waitmount": waitMount,
	"retry":     retry,
	"exits":     exits,
	"asuser":    asUser,
	"makedrive": makeDrive,
	"flip":      flip,
	"notified":  notified,
	"liar":      liar,
}

// errUsage says that a script calls a tool wrongly.
var errUsage = errors.New("wrong usage")

func runScriptTool(tool func([]string) error) int {
	if err := tool(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		return 1
	}
	return 0
}

// getx FILE ATTRIBUTE [VALUE] prints an attribute, or fails where it has not this value.
// A name without a dot at its beginning's namespace is one of ours: status.
func getx(args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return errUsage
	}
	name := args[1]
	if !strings.HasPrefix(name, "user.") && !strings.HasPrefix(name, "com.apple.") {
		name = "user.footagefs." + name
	}
	buf := make([]byte, 64<<10)
	n, err := unix.Lgetxattr(args[0], name, buf)
	if err != nil {
		return err
	}
	value := string(buf[:n])
	if len(args) == 3 && value != args[2] {
		return fmt.Errorf("got %q, want %q", value, args[2])
	}
	fmt.Println(value)
	return nil
}

// waitmount DIR [SECONDS] waits until a footagefs is mounted at DIR.
func waitMount(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errUsage
	}
	limit := 30 * time.Second
	if len(args) == 2 {
		seconds, err := strconv.Atoi(args[1])
		if err != nil {
			return errUsage
		}
		limit = time.Duration(seconds) * time.Second
	}
	mounted := func() bool {
		_, rel, err := control.Find(args[0])
		return err == nil && rel == "."
	}
	if !within(limit, mounted) {
		return fmt.Errorf("nothing is mounted at %s after %s", args[0], limit)
	}
	return nil
}

// retry SECONDS [!] COMMAND… runs a command until it succeeds or, with !, fails.
func retry(args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	seconds, err := strconv.Atoi(args[0])
	if err != nil {
		return errUsage
	}
	args = args[1:]
	want := args[0] != "!"
	if !want {
		args = args[1:]
	}
	var out []byte
	ok := within(time.Duration(seconds)*time.Second, func() bool {
		out, err = exec.Command(args[0], args[1:]...).CombinedOutput()
		return (err == nil) == want
	})
	os.Stdout.Write(out)
	if !ok {
		return fmt.Errorf("still %v after %d s: %s", err, seconds, strings.Join(args, " "))
	}
	return nil
}

// exits STATUS COMMAND… succeeds where the command ends with this exit status.
func exits(args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return errUsage
	}
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != want {
		return fmt.Errorf("exit status %d, want %d (%v)", got, want, err)
	}
	return nil
}

// nobody is the user that asuser becomes: one that owns nothing but what scripts give it.
const nobody = 65534

// asuser COMMAND… runs a command as a user without rights, in a home of its own. Who has
// none runs it as he is.
func asUser(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := becomeNobody(); err != nil {
			return err
		}
	}
	return syscall.Exec(path, args, os.Environ())
}

func becomeNobody() error {
	home := filepath.Join(os.Getenv("WORK"), "home-nobody")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	if err := os.Chown(home, nobody, nobody); err != nil {
		return err
	}
	os.Setenv("HOME", home)
	os.Setenv("USER", "nobody")
	return errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody))
}

// makedrive KIND DIR [ROLLS FILES BYTES] writes a drive of testdata/drives into a folder.
func makeDrive(args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	var numbers [3]int
	for i, arg := range args[2:] {
		n, err := strconv.Atoi(arg)
		if err != nil || i >= len(numbers) {
			return errUsage
		}
		numbers[i] = n
	}
	kind, dir := args[0], args[1]
	switch kind {
	case "sample":
		return drives.Sample(dir)
	case "broken":
		return drives.Broken(dir)
	case "cards":
		return drives.Cards(dir)
	case "hostile":
		return drives.Hostile(dir)
	case "scale":
		return drives.Scale(dir, numbers[0], numbers[1], int64(numbers[2]))
	case "frames":
		return drives.Frames(dir, numbers[0], int64(numbers[1]))
	}
	return fmt.Errorf("there is no kind of drive called %q", kind)
}

// flip FILE [OFFSET] inverts one bit in place and puts the times back, as a failing disk
// would do it.
func flip(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errUsage
	}
	var offset int64
	if len(args) == 2 {
		n, err := strconv.ParseInt(args[1], 0, 64)
		if err != nil {
			return errUsage
		}
		offset = n
	}
	f, err := os.OpenFile(args[0], os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, offset); err != nil && err != io.EOF {
		return err
	}
	b[0] ^= 1
	if _, err := f.WriteAt(b, offset); err != nil {
		return err
	}
	return os.Chtimes(args[0], info.ModTime(), info.ModTime())
}

// notified COMMAND… runs a command with a service manager that prints what it is told.
func notified(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	address := &net.UnixAddr{Name: filepath.Join(os.Getenv("WORK"), "notify"), Net: "unixgram"}
	manager, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		return err
	}
	defer os.Remove(address.Name)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address.Name)
	if err := cmd.Start(); err != nil {
		return err
	}
	var listening sync.WaitGroup
	listening.Go(func() {
		for buf := make([]byte, 4096); ; {
			n, err := manager.Read(buf)
			if err != nil {
				return
			}
			fmt.Println(string(buf[:n]))
		}
	})
	err = cmd.Wait()
	time.Sleep(100 * time.Millisecond)
	manager.Close()
	listening.Wait()
	return err
}

// liar POINT ANSWERS answers in the place of the footagefs that is mounted at POINT, as its
// user can do. Each line of the file ANSWERS is an operation and one reply to it; DEVICE in
// it stands for the mount's, WORK for the script's folder.
func liar(args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	m, _, err := control.Find(args[0])
	if err != nil {
		return err
	}
	answers, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	fill := strings.NewReplacer("DEVICE", m.Device, "WORK", os.Getenv("WORK"))
	socket, err := control.Listen(m.Device)
	if err != nil {
		return err
	}
	fmt.Println("lying") // no script reads it: it is there to be waited for
	for {
		conn, err := socket.Accept()
		if err != nil {
			return err
		}
		var r control.Request
		if err := json.NewDecoder(conn).Decode(&r); err == nil {
			for line := range strings.Lines(fill.Replace(string(answers))) {
				if reply, ok := strings.CutPrefix(line, string(r.Op)+" "); ok {
					io.WriteString(conn, reply)
				}
			}
		}
		conn.Close()
	}
}
