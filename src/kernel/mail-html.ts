/** A mail's paragraphs for readers that show HTML. */
export function mailHtml(paragraphs: readonly string[]): string {
  const body = paragraphs.map(text => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`).join('');
  return `<!doctype html><html lang="en"><body>${body}</body></html>`;
}

const htmlEntities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => htmlEntities[character]!);
}
