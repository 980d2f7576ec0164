/** Where the program's own words go. Said while work goes on; what ends the work is thrown instead. */

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line a call. `about` names the component; text from outside is quoted by whoever writes the line out. */
export type Log = (level: LogLevel, about: string, message: string) => void;

/** A log for those who do not listen. */
export const noLog: Log = () => {};
