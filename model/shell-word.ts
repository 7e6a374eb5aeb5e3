/** One word of shell text that stands for exactly `text`. The only function that quotes. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
