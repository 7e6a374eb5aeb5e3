import { isMap, isScalar, isSeq } from 'yaml';
import { alignOffset } from './align.js';
/** The document over a parsed tree. */
export function sourceDocument(file, text, root, value, lines) {
    const finding = (offset, problem, advice) => {
        const { line, col } = lines.linePos(offset);
        return { file, line: Math.max(1, line), column: Math.max(1, col), problem, advice, severity: 'error' };
    };
    return {
        file,
        value,
        at: (path, problem, advice, within) => finding(valueOffset(text, nearest(root, path), within), problem, advice),
        atKey: (path, problem, advice) => finding(keyOffset(nearest(root, path)), problem, advice),
    };
}
function nearest(root, path) {
    let spot = { key: undefined, node: root ?? undefined, whole: true };
    for (const name of path) {
        const next = child(spot.node, name);
        if (next === undefined)
            return { ...spot, whole: false };
        spot = next;
    }
    return spot;
}
function child(node, name) {
    if (isSeq(node)) {
        const item = typeof name === 'number' ? node.items[name] : undefined;
        return item === undefined ? undefined : { key: undefined, node: item, whole: true };
    }
    if (!isMap(node))
        return undefined;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(name));
    return pair === undefined ? undefined : { key: pair.key, node: pair.value ?? undefined, whole: true };
}
function valueOffset(text, spot, within) {
    const { node } = spot;
    // Something is missing in what was found: its key says best where.
    if (!spot.whole && spot.key !== undefined)
        return keyOffset(spot);
    const start = node?.range?.[0] ?? spot.key?.range?.[0] ?? 0;
    if (within === undefined || !isScalar(node) || typeof node.value !== 'string')
        return start;
    return start + alignOffset(text.slice(start, node.range?.[1]), node.value, within);
}
function keyOffset(spot) {
    return spot.key?.range?.[0] ?? spot.node?.range?.[0] ?? 0;
}
//# sourceMappingURL=document.js.map