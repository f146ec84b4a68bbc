using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;
using Quoin.StripeSimulator.Resources;

namespace Quoin.StripeSimulator.Pages;

/// <summary>An invoice as a file: one page, one font, no more than shows that there is one.</summary>
internal static class InvoicePdf
{
    /// <summary>The file's bytes.</summary>
    public static byte[] Of(JsonObject invoice, string business)
    {
        var currency = invoice.Text("currency")!;
        var lines = new List<string> { business, "Invoice " + (invoice.Text("number") ?? "(draft)"),
            "Test mode: no money moves.", string.Empty };
        lines.AddRange(invoice.Data("lines").Select(line =>
            $"{line.Text("description")}   {InvoiceLines.Money(line.Long("amount"), currency)}"));
        lines.Add(string.Empty);
        lines.Add($"Total   {InvoiceLines.Money(invoice.Long("total"), currency)}   ({invoice.Text("status")})");
        var content = "BT /F1 12 Tf 18 TL 60 760 Td " + string.Concat(lines.Select(line => $"({Escaped(line)}) Tj T* ")) + "ET";
        return Assemble(
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            $"<< /Length {content.Length} >>\nstream\n{content}\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
    }

    private static byte[] Assemble(params ReadOnlySpan<string> objects)
    {
        var text = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        for (var index = 0; index < objects.Length; index++)
        {
            offsets.Add(text.Length);
            text.Append(CultureInfo.InvariantCulture, $"{index + 1} 0 obj\n{objects[index]}\nendobj\n");
        }

        var start = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"{offset:0000000000} 00000 n \n");
        }

        text.Append(CultureInfo.InvariantCulture,
            $"trailer << /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal)
            .Replace(")", "\\)", StringComparison.Ordinal);
}
