/** 123456789 → '117.7 MiB' */
export function bytesText(bytes: number): string {
	if (bytes < 1024) return `${bytes} B`;
	const power = Math.min(4, Math.floor(Math.log2(bytes) / 10));
	return `${(bytes / 2 ** (10 * power)).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}
