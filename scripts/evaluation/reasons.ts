/** Why a class stays short of its bar, in one sentence for the report. Writing the report fails without it. */
export const REASONS: Readonly<Record<string, string>> = {};
