using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Quoin.Cli;

/// <summary>A key, without its secret.</summary>
internal sealed record KeyAnswer(
    string Id,
    string Prefix,
    string LastFour,
    string Label,
    IReadOnlyList<string>? Scopes,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? RetiresAt,
    DateTimeOffset? LastUsedAt);

/// <summary>A new key with its secret; a replaced one beside it.</summary>
internal sealed record NewKeyAnswer(KeyAnswer Key, string Secret, KeyAnswer? Old)
{
    public override string ToString() => Key.Id;
}

/// <summary>
/// <c>quoin keys</c>: the organisation's keys, through the API. <c>quoin admin keys</c> makes keys with the database at hand.
/// </summary>
internal static class KeysCommand
{
    private static readonly Option<string> Label = new("--label")
    {
        Description = "What the key is for.",
        HelpName = "TEXT",
        Required = true,
    };

    private static readonly Option<string[]> Scopes = new("--scope")
    {
        Description = "What it may do; may be given more than once. Default: all that you may do and a key may hold.",
        HelpName = "SCOPE",
    };

    private static readonly Option<string?> Preset = new("--preset")
    {
        Description = "Scopes by name: full, ingest or read.",
        HelpName = "NAME",
    };

    private static readonly Option<int?> Days = new("--days")
    {
        Description = "After how many days it ends. Default: never.",
        HelpName = "DAYS",
    };

    private static readonly Option<int> Overlap = new("--overlap")
    {
        Description = "How many hours the old key works on, 0 to 168.",
        HelpName = "HOURS",
        DefaultValueFactory = _ => 24,
    };

    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why, for the audit log.",
        HelpName = "TEXT",
    };

    private static readonly Argument<string> Which = new("key")
    {
        Description = "The key's id, key_….",
    };

    public static Command Create()
    {
        var list = Subcommand("list", "List the organisation's keys, newest first, revoked ones too.", List);
        var create = Subcommand("create", "Create a key and print its secret, which cannot be shown again.", CreateKey);
        foreach (var option in new Option[] { Label, Scopes, Preset, Days, Reason })
        {
            create.Options.Add(option);
        }

        var rotate = Subcommand("rotate", "Replace a key; the old one works on for the overlap.", Rotate);
        rotate.Arguments.Add(Which);
        rotate.Options.Add(Overlap);
        rotate.Options.Add(Reason);
        var revoke = Subcommand("revoke", "Revoke a key; every replica refuses it within a second.", Revoke);
        revoke.Arguments.Add(Which);
        revoke.Options.Add(Reason);
        return new Command("keys", "List, create, rotate and revoke the organisation's keys.") { list, create, rotate, revoke };
    }

    private static Command Subcommand(
        string name, string description, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        var command = new Command(name, description);
        command.AddConnection();
        command.SetWork(work);
        return command;
    }

    private static async Task<int> List(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var table = OutputTable.Of("key", "secret", "label", "state", "last used", "scopes");
        string? cursor = null;
        do
        {
            var at = cursor is null ? string.Empty : $"&cursor={Uri.EscapeDataString(cursor)}";
            var page = await api.Get<PageAnswer<KeyAnswer>>($"/v1/keys?limit={Limits.PageRows}{at}", cancellationToken);
            foreach (var key in page.Data)
            {
                table.AddRow(
                    new Text(key.Id),
                    new Text($"{key.Prefix}_…{key.LastFour}"),
                    new Text(key.Label),
                    new Text(State(key)),
                    new Text(key.LastUsedAt is { } used ? Day(used) : "never"),
                    new Text(string.Join(' ', key.Scopes ?? [])));
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
        OutputTable.Write(table, "There is no key yet.");
        return ExitCodes.Done;
    }

    private static async Task<int> CreateKey(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var created = await api.PostOnce<NewKeyAnswer>(
            "/v1/keys",
            new
            {
                label = parsed.GetRequiredValue(Label),
                scopes = parsed.GetValue(Scopes) is { Length: > 0 } scopes ? scopes : null,
                preset = parsed.GetValue(Preset),
                expires_at = parsed.GetValue(Days) is { } days ? TimeProvider.System.GetUtcNow().AddDays(days) : (DateTimeOffset?)null,
                reason = parsed.GetValue(Reason),
            },
            cancellationToken);
        return await Show(created);
    }

    private static async Task<int> Rotate(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var rotated = await api.PostOnce<NewKeyAnswer>(
            $"/v1/keys/{Uri.EscapeDataString(parsed.GetRequiredValue(Which))}/rotate",
            new { overlap_hours = parsed.GetValue(Overlap), reason = parsed.GetValue(Reason) },
            cancellationToken);
        if (rotated.Old?.RetiresAt is { } end)
        {
            var until = end.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
            await Console.Error.WriteLineAsync($"{rotated.Old.Id} works until {until}.");
        }

        return await Show(rotated);
    }

    private static async Task<int> Revoke(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var key = parsed.GetRequiredValue(Which);
        var why = parsed.GetValue(Reason) is { } reason ? $"?reason={Uri.EscapeDataString(reason)}" : string.Empty;
        await api.Delete($"/v1/keys/{Uri.EscapeDataString(key)}{why}", cancellationToken);
        Console.WriteLine($"{key} is revoked.");
        return ExitCodes.Done;
    }

    // The secret alone on the output, so that a script can take it; the rest is for the person.
    private static async Task<int> Show(NewKeyAnswer created)
    {
        await Console.Error.WriteLineAsync($"{created.Key.Id} · {created.Key.Label} · the secret is shown once:");
        Console.WriteLine(created.Secret);
        return ExitCodes.Done;
    }

    private static string State(KeyAnswer key)
    {
        var now = TimeProvider.System.GetUtcNow();
        return key switch
        {
            { RevokedAt: { } revoked } => $"revoked {Day(revoked)}",
            { RetiresAt: { } retires } => retires <= now ? $"replaced {Day(retires)}" : $"replaced, ends {Day(retires)}",
            { ExpiresAt: { } expires } => expires <= now ? $"expired {Day(expires)}" : $"ends {Day(expires)}",
            _ => "works",
        };
    }

    private static string Day(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
