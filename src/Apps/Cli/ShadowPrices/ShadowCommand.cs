using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Quoin.Cli;

/// <summary><c>quoin prices shadow</c>: what real usage would have cost at prices nobody published.</summary>
internal static class ShadowCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly Option<DateTimeOffset> From = new("--from")
    {
        Description = "Usage from this instant on, as 2026-01-01T00:00:00Z.",
        HelpName = "INSTANT",
        Required = true,
    };

    private static readonly Option<DateTimeOffset> To = new("--to")
    {
        Description = "To before this instant, at most 31 days later.",
        HelpName = "INSTANT",
        Required = true,
    };

    private static readonly Option<string> Book = new("--book")
    {
        Description = "The price book the prices would stand in.",
        HelpName = "pb_…",
        Required = true,
    };

    private static readonly Option<FileInfo> Prices = new("--prices")
    {
        Description = "The prices: a JSON array as 'prices' of POST /v1/shadow-ratings.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string[]> Organisations = new("--organisation")
    {
        Description = "On whose usage; may be given more than once. Default: everybody's.",
        HelpName = "org_…",
        DefaultValueFactory = _ => [],
    };

    public static Command Create()
    {
        var shadow = new Command("shadow", "Rate real usage at candidate prices, without a trace in it. Needs an operator key.")
        {
            From, To, Book, Prices, Organisations,
        };
        shadow.AddConnection();
        shadow.SetWork(Rate);
        return shadow;
    }

    private static async Task<int> Rate(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var organisations = parsed.GetRequiredValue(Organisations);
        var rating = await api.Post<ShadowAnswer>(
            "/v1/shadow-ratings",
            new
            {
                from = parsed.GetValue(From).ToUniversalTime(),
                to = parsed.GetValue(To).ToUniversalTime(),
                price_book = parsed.GetRequiredValue(Book),
                prices = await Read(parsed.GetRequiredValue(Prices), cancellationToken),
                organisations = organisations.Length == 0 ? null : organisations,
            },
            cancellationToken);
        while (rating.State == "running")
        {
            await Console.Error.WriteLineAsync($"{rating.Id}: {rating.OrganisationCount} organisations, {rating.LineCount} lines");
            await Task.Delay(Every, TimeProvider.System, cancellationToken);
            rating = await api.Get<ShadowAnswer>($"/v1/shadow-ratings/{rating.Id}", cancellationToken);
        }

        var table = OutputTable.Of("customer", "existing", "candidate", "delta");
        foreach (var one in rating.Winners.Concat(rating.Losers.Reverse()))
        {
            table.AddRow(new Text(one.Organisation), Money(one.Existing), Money(one.Candidate), Money(one.Delta));
        }

        OutputTable.Write(table, "Nobody would pay more or less.");
        Console.WriteLine(
            $"{rating.CustomerCount} customers: {rating.WinnerCount} would pay less, {rating.LoserCount} more; "
            + $"{Shown(rating.Existing)} now, {Shown(rating.Candidate)} then{(rating.Truncated ? "; there are more customers" : "")}.");
        return ExitCodes.Done;
    }

    private static async Task<JsonNode> Read(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = file.OpenRead();
            return await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken)
                ?? throw new InvalidDataException($"{file.FullName} holds no prices.");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{file.FullName} is no JSON: {broken.Message}", broken);
        }
    }

    private static Text Money(ShadowMoney money) => OutputTable.Right(Shown(money));

    private static string Shown(ShadowMoney money) =>
        $"{(money.AmountMicros / 1_000_000m).ToString("#,0.00####", CultureInfo.InvariantCulture)} {money.Currency}";
}

/// <summary>A shadow rating as the API tells it.</summary>
internal sealed record ShadowAnswer(
    string Id,
    string State,
    int OrganisationCount,
    long LineCount,
    bool Truncated,
    ShadowMoney Existing,
    ShadowMoney Candidate,
    long CustomerCount,
    long WinnerCount,
    long LoserCount,
    IReadOnlyList<ShadowCustomerAnswer> Winners,
    IReadOnlyList<ShadowCustomerAnswer> Losers);

/// <summary>A customer of a shadow rating.</summary>
internal sealed record ShadowCustomerAnswer(string Organisation, ShadowMoney Existing, ShadowMoney Candidate, ShadowMoney Delta);

/// <summary>Money as the API tells it.</summary>
internal sealed record ShadowMoney(string Currency, long AmountMicros);
