// Makes the vocabularies here, once: npm i js-tiktoken@1.0.21 && node make-vocabularies.mjs
// Package js-tiktoken 1.0.21 (MIT), sha512-biOj/6M5qdgx5TKjDnFT1ymSpM5tbd3ylwDtrQvFQSu0Z7bBYko2dF+W/aUkXUPuk6IVpRxk/3Q2sHOzGlS36g==
// A vocabulary is its tokens in the order of their ranks, each as a byte of length and its bytes (or 255, two bytes of
// length, the lower first, and its bytes), all of it compressed with brotli.
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

for (const name of ['o200k_base', 'cl100k_base']) {
  const { default: source } = await import(`js-tiktoken/ranks/${name}`);
  const parts = [];
  let next = 0;
  for (const line of source.bpe_ranks.split('\n').filter(Boolean)) {
    const [, first, ...tokens] = line.split(' ');
    if (Number(first) !== next) throw new Error(`${name} has a gap before ${first}`);
    for (const token of tokens) {
      const bytes = Buffer.from(token, 'base64');
      parts.push(bytes.length < 255 ? Buffer.from([bytes.length]) : Buffer.from([255, bytes.length & 255, bytes.length >> 8]), bytes);
      next++;
    }
  }
  const all = Buffer.concat(parts);
  const packed = brotliCompressSync(all, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: all.length },
  });
  writeFileSync(new URL(`${name}.br`, import.meta.url), packed);
  console.log(name, next, 'tokens', all.length, 'bytes', packed.length, 'packed');
}
