using System.CommandLine;

namespace Quoin.Cli;

/// <summary><c>quoin prices import</c>: a public file of model prices becomes a draft, to be looked at and published.</summary>
internal static class PricesCommand
{
    private static readonly Argument<FileInfo> File = new("file")
    {
        Description = "The file, JSON.",
    };

    private static readonly Option<string> Format = new("--format")
    {
        Description = "genai (genai-prices) or litellm (model_prices_and_context_window.json).",
        Required = true,
    };

    private static readonly Option<string> Book = new("--book")
    {
        Description = "The price book's id; it is in USD.",
        Required = true,
    };

    private static readonly Option<string?> Provider = new("--provider")
    {
        Description = "Only this provider's models. Default: all; by provider, too, where several sell a model at different prices.",
    };

    private static readonly Option<string?> Markup = new("--markup")
    {
        Description = "What is added to the file's prices, which are kept as costs: 0.2 is a fifth. Default: nothing.",
    };

    public static Command Create()
    {
        var import = new Command("import", "Import a public file of model prices as a draft.")
        {
            File, Format, Book, Provider, Markup,
        };
        import.AddConnection();
        import.SetWork(Import);
        return new Command("prices", "Import prices, and try them out.") { import, ShadowCommand.Create() };
    }

    private static async Task<int> Import(ParseResult parsed, CancellationToken cancellationToken)
    {
        var bytes = await System.IO.File.ReadAllBytesAsync(parsed.GetRequiredValue(File).FullName, cancellationToken);
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var query = $"?format={Uri.EscapeDataString(parsed.GetRequiredValue(Format))}"
            + Optional("provider", parsed.GetValue(Provider))
            + Optional("markup", parsed.GetValue(Markup));
        var draft = await api.PostJson<ImportedDraft>(
            $"/v1/price-books/{Uri.EscapeDataString(parsed.GetRequiredValue(Book))}/imports{query}", bytes, cancellationToken);
        Show(draft);
        return ExitCodes.Done;
    }

    private static void Show(ImportedDraft draft)
    {
        var report = draft.Import;
        Console.WriteLine($"{draft.Id}: {report.PriceCount} prices of {report.ImportedCount} models, of {report.ModelCount}");
        Console.WriteLine($"unpriced: {report.Unpriced.Count}");
        foreach (var model in report.Unpriced)
        {
            Console.WriteLine($"  {model}: usage waits for a price");
        }

        Console.WriteLine($"unsupported: {report.Unsupported.Count}");
        foreach (var model in report.Unsupported)
        {
            Console.WriteLine($"  {model.Model}: {model.Reason}");
        }

        Console.WriteLine($"notes: {report.Notes.Count}: GET /v1/price-drafts/{draft.Id}");
        Console.WriteLine($"bands begin beyond: {string.Join(", ", report.BandStarts)}");
        Console.WriteLine($"Compare: GET /v1/price-drafts/{draft.Id}/diff; publish: POST /v1/price-drafts/{draft.Id}/publish");
    }

    private static string Optional(string name, string? value) =>
        value is null ? string.Empty : $"&{name}={Uri.EscapeDataString(value)}";

    private sealed record ImportedDraft(string Id, ImportedReport Import);

    private sealed record ImportedReport(
        int ModelCount,
        int ImportedCount,
        int PriceCount,
        IReadOnlyList<string> Unpriced,
        IReadOnlyList<ImportedUnsupported> Unsupported,
        IReadOnlyList<string> Notes,
        IReadOnlyList<long> BandStarts);

    private sealed record ImportedUnsupported(string Model, string Reason);
}
