import { limits } from '@rollcall/contract/limits.ts';
import { cleanLine, type TextResult } from './text.ts';

const refuse = (reason: string): TextResult => ({ ok: false, reason });

/** A file of the pictures that a server has below `/thumbnails/`. */
const PICTURE = /^[a-z0-9-]+\.svg$/;

/**
 * An address that pages may link to or show, in the spelling that browsers use: `https` or `http`, no name and password,
 * at most 2,000 characters.
 */
export function readWebAddress(text: string): TextResult {
  const cleaned = cleanLine(text, limits.urlCharactersMax);
  if (!cleaned.ok) return cleaned;
  const url = /^https?:\/\//i.test(cleaned.text) ? URL.parse(cleaned.text) : null;
  if (!url) return refuse('is no web address; write one such as https://meet.example.com/room');
  if (url.username || url.password) return refuse('has a name or password in it; leave them out');
  if (url.href.length > limits.urlCharactersMax) {
    return refuse(`is longer than ${limits.urlCharactersMax} characters once it is percent-encoded; shorten it`);
  }
  return { ok: true, text: url.href };
}

/** The address of a picture: a web address, or a path on the server that is reached at `publicUrl`. */
export function readPictureAddress(text: string, publicUrl: string): TextResult {
  const isPath = /^\/(?!\/)/.test(text.trim());
  return readWebAddress(isPath ? publicUrl + text.trim() : text);
}

/** What a module file names as its picture: as `readPictureAddress`, or a mere file name of one that the server has. */
export function readFilePicture(text: string, publicUrl: string): TextResult {
  return readPictureAddress(PICTURE.test(text) ? `/thumbnails/${text}` : text, publicUrl);
}
