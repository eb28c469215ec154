import { channel, pitch } from '../core/units.ts';
import type { ClientMessage } from '../net/protocol.ts';
import type { Fingers } from './keyboard.ts';

/** What a channel message means here, or undefined for what is not passed on. */
export const readMidi = (bytes: Uint8Array): ClientMessage | undefined => {
  const [status = 0, first = 0, second = 0] = bytes;
  const on = channel((status & 0x0f) + 1);
  switch (status & 0xf0) {
    case 0x80:
      return { type: 'note', pitch: pitch(first), velocity: 0, channel: on };
    case 0x90:
      return { type: 'note', pitch: pitch(first), velocity: second, channel: on };
    case 0xb0:
      return { type: 'control', controller: first, value: second, channel: on };
    default:
      return undefined;
  }
};

/**
 * Plays from every MIDI input that the browser grants, also those plugged in later; what an input held is let go when it is unplugged.
 * @returns the inputs' names, kept up to date through `changed`
 */
export const connectMidi = async (fingers: Fingers, control: (message: Extract<ClientMessage, { type: 'control' }>) => void, changed: (names: readonly string[]) => void): Promise<void> => {
  const access = await navigator.requestMIDIAccess();
  const listen = (): void => {
    const inputs = [...access.inputs.values()].filter(({ state }) => state === 'connected');
    for (const input of inputs) {
      input.addEventListener('midimessage', hear);
    }
    changed(inputs.map(({ name }) => name ?? 'MIDI'));
  };
  const hear = (event: MIDIMessageEvent): void => {
    const message = event.data && readMidi(event.data);
    if (!message) return;
    if (message.type === 'control') control(message);
    else if (message.type === 'note') {
      const finger = `midi:${(event.currentTarget as MIDIInput).id}:${message.channel}:${message.pitch}`;
      if (message.velocity > 0) fingers.press(finger, message.pitch, message.velocity);
      else fingers.release(finger);
    }
  };
  access.addEventListener('statechange', ({ port }) => {
    if (port?.state === 'disconnected') fingers.releaseAll(`midi:${port.id}:`);
    listen();
  });
  listen();
};
