/**
 * Of the compiler, and part of every plan's hash. It is raised whenever the same runbook would come out as other
 * operations, so that an approval of the old ones does not count for the new ones.
 */
export const compilerVersion = '3';
