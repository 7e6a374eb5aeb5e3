/** Tells the person in front of the terminal one line. */
export type Say = (line: string) => void;
