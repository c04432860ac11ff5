import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A secret as it could stand in a file: as it is, and in the encodings in which a tool might carry it. */
function forms(secret: string): Buffer[] {
  const bytes = [Buffer.from(secret, 'utf8'), Buffer.from(secret, 'utf16le')];
  const encoded = bytes.flatMap((form) => [
    // Base64 of a longer text shifts by up to two bytes: what is left of the secret's own then stands inside.
    ...[0, 1, 2].map((shift) => {
      const text = Buffer.concat([Buffer.alloc(shift), form]).toString('base64');
      return text.slice(shift === 0 ? 0 : 4, -4);
    }),
    form.toString('hex'),
  ]);
  const texts = [...encoded, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [...bytes, ...texts.map((text) => Buffer.from(text))];
}

export function holdsSecret(content: Buffer, secret: string): boolean {
  const packed = content.length > 2 && content.readUInt16BE(0) === 0x1f8b;
  const plain = packed ? gunzipSync(content) : content;
  return forms(secret).some((form) => plain.includes(form));
}

/** Files below a folder that hold the secret in any form, and how many were looked at. */
export async function filesWithSecret(
  folder: string,
  secret: string,
): Promise<{ readonly found: readonly string[]; readonly looked: number }> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files) if (holdsSecret(await readFile(file), secret)) found.push(file);
  return { found, looked: files.length };
}
