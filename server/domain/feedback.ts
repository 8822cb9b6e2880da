/** Control characters but for tab and line feed, which have no place in a text that people read. */
const CONTROL = /[^\P{Cc}\t\n]/gu;

/** What somebody wrote freely, made fit to be stored: line ends as line feeds, no other control characters, trimmed. */
export function cleanComment(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROL, '').trim();
}
