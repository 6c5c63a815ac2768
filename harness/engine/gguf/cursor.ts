/**
 * Bounded forward reading of a file nobody vouches for: a fixed window, never an allocation by an
 * announced count, and every shortage a UsageError that names file and byte.
 */
import { readSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import { type GgufScalar, type GgufScalarType, LIMITS, VALUE_BYTES } from './format.js';

const WINDOW = 1 << 16;

export class Cursor {
	private readonly window = Buffer.alloc(WINDOW);
	private windowStart = 0;
	private windowLength = 0;
	private place = 0;

	constructor(
		private readonly descriptor: number,
		readonly path: string,
		readonly fileBytes: number,
	) {}

	get offset(): number {
		return this.place;
	}

	get left(): number {
		return this.fileBytes - this.place;
	}

	fault(what: string, remedy = 'Fetch or convert the file again.', at = this.place): UsageError {
		return new UsageError(`${this.path}: ${what} (at byte ${at}). ${remedy}`);
	}

	private truncated(what: string): UsageError {
		return this.fault(
			`the file ends inside ${what}: it has ${this.fileBytes} bytes`,
			'It is truncated; fetch it again.',
		);
	}

	/** Start of `bytes` ≤ 8 bytes inside the window, past which the cursor moves. */
	private take(bytes: number, what: string): number {
		if (bytes > this.left) throw this.truncated(what);
		if (this.place + bytes > this.windowStart + this.windowLength) this.fill(what);
		const start = this.place - this.windowStart;
		this.place += bytes;
		this.checkHeader(what);
		return start;
	}

	private fill(what: string): void {
		this.windowStart = this.place;
		this.windowLength = 0;
		const wanted = Math.min(WINDOW, this.left);
		while (this.windowLength < wanted) {
			const at = this.place + this.windowLength;
			const room = wanted - this.windowLength;
			const got = readSync(this.descriptor, this.window, this.windowLength, room, at);
			// The file shrank since its size was taken.
			if (got === 0) throw this.truncated(what);
			this.windowLength += got;
		}
	}

	private checkHeader(what: string): void {
		if (this.place > LIMITS.header)
			throw this.fault(`the header reaches past ${LIMITS.header} bytes inside ${what}`);
	}

	/** A count announced as uint64, refused above `limit`. */
	count(what: string, limit: number): number {
		const at = this.place;
		const value = this.window.readBigUInt64LE(this.take(8, what));
		if (value > BigInt(limit))
			throw this.fault(
				`${what} is announced as ${value}, at most ${limit} is allowed`,
				undefined,
				at,
			);
		return Number(value);
	}

	string(what: string, limit: number): string {
		const at = this.place;
		const length = this.count(`the length of ${what}`, limit);
		if (length > this.left) throw this.truncated(`${what}, ${length} bytes long from byte ${at}`);
		const start = this.place - this.windowStart;
		if (start >= 0 && start + length <= this.windowLength) {
			this.place += length;
			this.checkHeader(what);
			return this.window.toString('utf8', start, start + length);
		}
		return this.longString(what, length);
	}

	/** Length is known to be inside the file here, so that this allocation is paid for by real bytes. */
	private longString(what: string, length: number): string {
		const data = Buffer.alloc(length);
		let got = 0;
		while (got < length) {
			const more = readSync(this.descriptor, data, got, length - got, this.place + got);
			if (more === 0) throw this.truncated(what);
			got += more;
		}
		this.place += length;
		this.checkHeader(what);
		return data.toString('utf8');
	}

	scalar(type: GgufScalarType, what: string): GgufScalar {
		if (type === 'string') return this.string(what, LIMITS.string);
		const at = this.take(VALUE_BYTES[type], what);
		const { window } = this;
		switch (type) {
			case 'uint8':
				return window.readUInt8(at);
			case 'int8':
				return window.readInt8(at);
			case 'uint16':
				return window.readUInt16LE(at);
			case 'int16':
				return window.readInt16LE(at);
			case 'uint32':
				return window.readUInt32LE(at);
			case 'int32':
				return window.readInt32LE(at);
			case 'float32':
				return window.readFloatLE(at);
			case 'float64':
				return window.readDoubleLE(at);
			case 'uint64':
				return window.readBigUInt64LE(at);
			case 'int64':
				return window.readBigInt64LE(at);
			case 'bool': {
				const value = window.readUInt8(at);
				if (value > 1)
					throw this.fault(`${what} should be 0 or 1 and is ${value}`, undefined, this.place - 1);
				return value === 1;
			}
		}
	}

	uint32(what: string): number {
		return Number(this.scalar('uint32', what));
	}

	/** First bytes of the file, for guessing what it is instead; does not move the cursor. */
	peek(bytes: number): Buffer {
		const head = Buffer.alloc(Math.min(bytes, this.fileBytes));
		const got = readSync(this.descriptor, head, 0, head.length, 0);
		return head.subarray(0, got);
	}
}

/** Names come from the file: shortened, and control characters escaped, before a terminal sees them. */
export function quote(name: string): string {
	return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}
