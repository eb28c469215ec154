/** What went wrong at a door, in a form programs (`code`) and people (`message`) can both use. */
export class AntiphonError extends Error {
  override readonly name = 'AntiphonError';
  readonly code: string;
  readonly what: string;
  readonly value: unknown;
  readonly advice: string;

  /**
   * @param code stable and dotted, e.g. `patch.value`
   * @param what what is wrong, in one clause
   * @param value the offending value, shown in the message
   * @param advice what to do about it
   */
  constructor(code: string, what: string, value: unknown, advice: string) {
    super(`${what}: ${shown(value)}. ${advice}`);
    this.code = code;
    this.what = what;
    this.value = value;
    this.advice = advice;
  }
}

const shown = (value: unknown): string => {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = String(value);
  }
  text ??= String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
};

/** The message of anything thrown, for logs and replies. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
