import { canonicalJson, sha256Hex } from '../experiment/identity.js';

/** A value that can change a result, addressed by its content. */
export interface Identity {
	/** sha256 (lower-case hex) of `canonicalJson(content)`. */
	readonly sha256: string;
	readonly content: unknown;
}

/** @throws TypeError for anything JSON cannot hold exactly */
export function identify(content: unknown): Identity {
	return { sha256: sha256Hex(canonicalJson(content)), content };
}

/** Longest value shown in a message. */
const SHOWN = 60;

/**
 * `member: one → other` for every member in which two values differ, in order of member; members
 * of members are written with dots.
 * @example differences({ width: 8 }, { width: 16 }) // ['width: 8 → 16']
 */
export function differences(one: unknown, other: unknown): string[] {
	const a = new Map(members(one, ''));
	const b = new Map(members(other, ''));
	return [...new Set([...a.keys(), ...b.keys()])]
		.sort()
		.filter((name) => a.get(name) !== b.get(name))
		.map((name) => `${name}: ${shown(a.get(name))} → ${shown(b.get(name))}`);
}

/** Members that hold no further ones, each with its JSON. */
function members(value: unknown, name: string): [name: string, json: string][] {
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return [[name, canonicalJson(value)]];
	return Object.entries(value).flatMap(([key, member]) =>
		members(member, name === '' ? key : `${name}.${key}`),
	);
}

function shown(json: string | undefined): string {
	if (json === undefined) return '(absent)';
	return json.length <= SHOWN ? json : `${json.slice(0, SHOWN)}…`;
}
