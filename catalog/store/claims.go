package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// ClaimLapse is how long a claim holds after its owner's last heartbeat.
const ClaimLapse = 10 * time.Second

// claim takes a roll for reading and returns who holds it then: another live process may
// be reading it. The owner of a claim calls it again to keep it alive.
func (f *file) claim(ctx context.Context, fs int64, path, owner string) (holder string, err error) {
	err = f.update(ctx, "claiming a roll", func(tx *sql.Tx) error {
		now := f.now().UnixNano()
		_, err := tx.ExecContext(ctx, `INSERT INTO claim (filesystem, path, owner, heartbeat) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (filesystem, path) DO UPDATE SET owner = excluded.owner, heartbeat = excluded.heartbeat
			WHERE owner = ?3 OR heartbeat < ?5 OR heartbeat > ?4 + 1000000000`, fs, []byte(path), owner, now, now-ClaimLapse.Nanoseconds())
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT owner FROM claim WHERE filesystem = ? AND path = ?", fs, []byte(path)).Scan(&holder)
	})
	return holder, err
}

// unclaim gives a roll back, or all that the owner holds where path is "".
func (f *file) unclaim(ctx context.Context, fs int64, path, owner string) error {
	return f.update(ctx, "giving a roll back", func(tx *sql.Tx) error {
		var err error
		if path == "" {
			_, err = tx.ExecContext(ctx, "DELETE FROM claim WHERE owner = ?", owner)
		} else {
			_, err = tx.ExecContext(ctx, "DELETE FROM claim WHERE filesystem = ? AND path = ? AND owner = ?", fs, []byte(path), owner)
		}
		return err
	})
}

// instance tells the catalogs that one process has open apart.
var instance atomic.Int64

// thisProcess names a claim's owner: the boot, the process, when it started, and the
// catalog in it. Another process of the same boot can tell whether it still lives.
func thisProcess() string {
	pid := os.Getpid()
	return fmt.Sprintf("%s %d %s %d", bootID(), pid, processStart(pid), instance.Add(1))
}

// ownerIsDead is true where the owner surely does not live any more; of another machine
// or platform nothing is known, and its claims lapse by time.
func ownerIsDead(owner string) bool {
	f := strings.Fields(owner)
	if len(f) != 4 || f[0] == unknown {
		return false
	}
	if f[0] != bootID() {
		return true
	}
	pid, err := strconv.Atoi(f[1])
	if err != nil {
		return false
	}
	if err := syscall.Kill(pid, 0); err == syscall.ESRCH {
		return true
	}
	start := processStart(pid)
	return f[2] != unknown && start != unknown && start != f[2]
}

// unknown stands for what the platform does not tell.
const unknown = "-"

func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(b))
}

// processStart is when a process started, in clock ticks since boot (field 22 of its stat).
func processStart(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return unknown
	}
	// The command's name, in brackets, may hold anything.
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 20 {
		return unknown
	}
	return fields[19]
}
