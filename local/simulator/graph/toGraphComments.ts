/** Comments of Defender as Graph sends them. Source: https://learn.microsoft.com/graph/api/resources/security-alertcomment */
export function toGraphComments(comments: unknown): readonly unknown[] {
  if (!Array.isArray(comments)) return [];
  return comments.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { comment, createdBy, createdTime } = one as Readonly<Record<string, unknown>>;
    return [{ comment, createdByDisplayName: createdBy, createdDateTime: createdTime }];
  });
}
