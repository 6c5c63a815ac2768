/** What a file that is not GGUF seems to be, from its first bytes, and what to do about it. */

const CONVERT = 'Convert the model with convert_hf_to_gguf.py of llama.cpp.';
const DOWNLOAD = 'Download the file itself.';

/** One sentence or two: what it looks like, what to do. */
export function looksLike(head: Buffer): string {
	const text = head.toString('latin1');
	if (text.startsWith('PK\x03\x04'))
		return `it looks like a zip archive or a PyTorch checkpoint. Unpack it, or: ${CONVERT}`;
	if (head.length >= 9 && head.readBigUInt64LE(0) < 2n ** 32n && text[8] === '{')
		return `it looks like safetensors. ${CONVERT}`;
	if (text.startsWith('version https://git-lfs'))
		return 'it looks like a Git LFS pointer. Fetch the file it points to with git lfs pull.';
	if (/^\s*(<!doctype|<html|<\?xml)/i.test(text))
		return `it looks like an HTML or XML page, perhaps an error page. ${DOWNLOAD}`;
	if (/^\s*[{[]/.test(text))
		return `it looks like JSON. Give the .gguf file, not a description of it.`;
	if (text.startsWith('\x1f\x8b')) return 'it looks like gzip. Decompress it.';
	if (text.startsWith('(\xb5/\xfd')) return 'it looks like zstandard. Decompress it.';
	if (/^(tjgg|lmgg|fmgg|algg)/.test(text))
		return `it looks like GGML, the format before GGUF. ${CONVERT}`;
	if (text.startsWith('\x80') && text.slice(2, 4) !== '')
		return `it may be a Python pickle. ${CONVERT}`;
	if (/^[\s\x20-\x7e]+$/.test(text)) return `it looks like plain text. ${DOWNLOAD}`;
	return 'its kind is unknown. Fetch or convert the model again.';
}
