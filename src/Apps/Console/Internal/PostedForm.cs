using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quoin.ConsolePages;

/// <summary>What a person sent with a form.</summary>
internal sealed class PostedForm
{
    private readonly IFormCollection fields;

    private PostedForm(IFormCollection fields) => this.fields = fields;

    /// <summary>A field's text; empty where there is none.</summary>
    public string this[string field] => fields[field].ToString().Trim();

    /// <summary>What was chosen of a group of boxes: nothing where none was.</summary>
    public IReadOnlyList<string> All(string field) => [.. fields[field].OfType<string>()];

    /// <summary>Whether a field was sent, filled or not.</summary>
    public bool Has(string field) => fields.ContainsKey(field);

    /// <summary>The file of a field; null where none was chosen.</summary>
    public IFormFile? File(string field) => fields.Files.GetFile(field) is { Length: > 0 } file ? file : null;

    /// <summary>Reads a request; what is no form has no fields.</summary>
    public static async Task<PostedForm> Read(HttpRequest request, CancellationToken cancellationToken) => new(
        request.HasFormContentType ? await request.ReadFormAsync(cancellationToken) : FormCollection.Empty);

    /// <summary>Whether a field holds one line of text of some length.</summary>
    public bool IsText(string field, int lettersMax) =>
        this[field] is { Length: > 0 } text && text.Length <= lettersMax && !text.Any(char.IsControl);

    /// <summary>Leads to a page once a form is done with: going back does not send it again.</summary>
    public static StatusCodeHttpResult SeeOther(HttpContext context, string path)
    {
        context.Response.Headers.Location = path;
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }
}
