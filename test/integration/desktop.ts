import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from './daemon.ts';

/** Debian's places. */
const POLKIT = '/usr/lib/polkit-1/polkitd';
const RTKIT = '/usr/libexec/rtkit-daemon';
const NAMES = ['org.freedesktop.PolicyKit1', 'org.freedesktop.RealtimeKit1'] as const;

const BUS = (socket: string): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>`;

/** Why what a desktop has cannot be run here; empty where it can. CI has it all. */
export const noDesktop = (): string => {
  if (process.platform !== 'linux') return 'Linux only';
  if (process.getuid?.() !== 0) return 'needs root, to run a bus of its own';
  // Not a package that could be installed: a container may have taken the right from its root.
  if (spawnSync('chrt', ['-f', '1', 'true']).status !== 0) return 'this root has no real-time priority to give';
  const missing = [POLKIT, RTKIT, '/usr/bin/dbus-daemon', '/usr/bin/setpriv'].filter((place) => !existsSync(place));
  return missing.length > 0 && process.env['CI'] === undefined ? `missing: ${missing.join(', ')}` : '';
};

/** What a desktop's system bus has for real-time priority: polkit, and RealtimeKit itself. */
export class Desktop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'antiphon-desktop-'));
  private readonly socket = join(this.folder, 'bus');
  private readonly services: ChildProcess[] = [];

  /** For who is to find it. */
  readonly env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.socket}` };

  /** Starts it, and waits until both have their names on the bus. */
  async begin(): Promise<void> {
    // Each service goes on as a user of its own.
    chmodSync(this.folder, 0o755);
    const config = join(this.folder, 'bus.conf');
    writeFileSync(config, BUS(this.socket));
    this.run('dbus-daemon', [`--config-file=${config}`, '--nofork']);
    while (!existsSync(this.socket)) await pause(20);
    this.run(POLKIT, ['--no-debug']);
    this.run(RTKIT, ['--no-canary']);
    while (!NAMES.every((name) => this.has(name))) await pause(50);
  }

  close(): void {
    for (const service of this.services.reverse()) service.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(program: string, words: readonly string[]): void {
    this.services.push(spawn(program, words, { env: { ...process.env, ...this.env }, stdio: 'ignore' }));
  }

  private has(name: string): boolean {
    const words = ['--system', '--print-reply', '--dest=org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner', `string:${name}`];
    return /boolean true/.test(spawnSync('dbus-send', words, { encoding: 'utf8', env: { ...process.env, ...this.env } }).stdout ?? '');
  }
}
