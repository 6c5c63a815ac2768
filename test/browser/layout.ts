/** What a reader would see at once: text over text, and a page that scrolls sideways. */
import type { Page } from 'playwright-core';

export interface Faults {
	/** `text` over `text` */
	readonly overlaps: readonly string[];
	/** pixels that the page is wider than its window */
	readonly overflow: number;
	/** texts looked at */
	readonly texts: number;
}

/**
 * Finds visible texts whose boxes meet by more than 2 px both ways. Text that its own scrolling box
 * hides is left out; texts turned on their side are taken by the box around them.
 */
export function layoutFaults(page: Page): Promise<Faults> {
	// A string: what tsx makes of a function needs helpers that the page does not have.
	return page.evaluate(`(${LOOK})()`) as Promise<Faults>;
}

const LOOK = `() => {
	const slack = 2;
	const texts = [];
	const clip = (element, box) => {
		let { left, right, top, bottom } = box;
		for (let at = element; at !== null && at !== document.body; at = at.parentElement) {
			const style = getComputedStyle(at);
			if (style.overflowX === 'visible' || at.tagName === 'svg') continue;
			const own = at.getBoundingClientRect();
			left = Math.max(left, own.left);
			right = Math.min(right, own.right);
			top = Math.max(top, own.top);
			bottom = Math.min(bottom, own.bottom);
		}
		return { left, right, top, bottom };
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
		const element = node.parentElement;
		if (node.data.trim() === '' || element.closest('script, style, noscript, title, .skip')) continue;
		// Of a table that scrolls down under its head, rows pass below the head.
		if (element.closest('.tall tbody') !== null) continue;
		if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
		const range = document.createRange();
		range.selectNodeContents(node);
		const rects = element.closest('svg') ? [element.getBoundingClientRect()] : [...range.getClientRects()];
		for (const rect of rects) {
			const box = clip(element, rect);
			if (box.right - box.left <= slack || box.bottom - box.top <= slack) continue;
			texts.push({ element, ...box, text: node.data.trim().slice(0, 40) });
		}
	}
	texts.sort((a, b) => a.top - b.top);
	const overlaps = [];
	for (let i = 0; i < texts.length; i++) {
		const a = texts[i];
		for (let j = i + 1; j < texts.length && texts[j].top < a.bottom - slack; j++) {
			const b = texts[j];
			if (a.element === b.element) continue;
			const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
			const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
			// Line boxes of neighbouring lines touch; letters of SVG text fill about 0.7 of theirs.
			const inline = a.element.closest('svg') === null || b.element.closest('svg') === null;
			const need = inline ? 0.3 * Math.min(a.bottom - a.top, b.bottom - b.top) : 0.25 * Math.min(a.bottom - a.top, b.bottom - b.top);
			if (wide > slack && high > Math.max(slack, need)) overlaps.push(a.text + ' over ' + b.text);
		}
	}
	return {
		overlaps,
		overflow: document.documentElement.scrollWidth - innerWidth,
		texts: texts.length,
	};
}`;
