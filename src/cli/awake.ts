import { openSync, writeSync } from 'node:fs';

/** Linux keeps processors ready to wake within so many microseconds as are written here, for as long as it is held open (power/pm_qos_interface in the kernel's documentation). */
const LATENCY = '/dev/cpu_dma_latency';

/**
 * Keeps the processors from sleeping deeply until this process ends: to be woken from there takes a thread a tenth of a millisecond. Costs
 * power. Whether it was granted: that needs Linux, and root or the right to write there.
 */
export const keepAwake = (place = LATENCY): boolean => {
  try {
    writeSync(openSync(place, 'r+'), new Uint8Array(new Int32Array([0]).buffer));
    return true;
  } catch {
    return false;
  }
};
