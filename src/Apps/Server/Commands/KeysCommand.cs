using System.CommandLine;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary>
/// <c>quoin admin keys</c>: keys made with the database at hand, before there is one to ask the API with. <c>quoin keys</c> is
/// the API's client.
/// </summary>
internal static class KeysCommand
{
    private static readonly Option<string?> Org = new("--org")
    {
        Description = "The organisation the key acts in. Default: none, for a key of the operator.",
        HelpName = "org_…",
    };

    private static readonly Option<string> Label = new("--label")
    {
        Description = "What the key is for.",
        HelpName = "TEXT",
        Required = true,
    };

    private static readonly Option<string[]> Roles = new("--role")
    {
        Description = $"What a key of the operator may do: {string.Join(", ", OperatorRole.All)}.",
        HelpName = "ROLE",
        DefaultValueFactory = _ => [OperatorRole.Admin],
    };

    private static readonly Option<string?> Expires = new("--expires")
    {
        Description = "From when the key is refused, as 2026-11-20T08:15:00Z. Default: never.",
        HelpName = "INSTANT",
    };

    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why, for the audit log.",
        HelpName = "TEXT",
    };

    private static readonly Argument<string> Key = new("key")
    {
        Description = "The key's id, key_….",
    };

    public static Command Create()
    {
        var create = new Command("create", "Create a key and print its secret, which cannot be shown again.")
        {
            Org, Label, Roles, Expires, Reason,
        };
        create.SetWorkOnServices(CreateKey);
        var list = new Command("list", "List the newest keys, revoked ones too.") { Org };
        list.SetWorkOnServices(ListKeys);
        var revoke = new Command("revoke", "Revoke a key; every replica refuses it within a second.") { Key, Org, Reason };
        revoke.SetWorkOnServices(RevokeKey);
        return new Command("keys", "Create, list and revoke keys with the database at hand.") { create, list, revoke };
    }

    /// <summary><c>quoin admin rotate-master-key</c>.</summary>
    public static Command CreateRotation()
    {
        var rotate = new Command(
            "rotate-master-key",
            "Wrap everything with a new master key. One in the data folder is replaced. With QUOIN_MASTER_KEY, first restart "
            + "every replica with the new key and the old one in QUOIN_MASTER_KEY_PREVIOUS; drop that afterwards.");
        rotate.SetWorkOnServices(RotateMasterKey);
        return rotate;
    }

    private static async Task CreateKey(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var key = new NewKey(parsed.GetRequiredValue(Label), ReadExpiry(parsed), parsed.GetValue(Reason));
        var outcome = await CreateKey(services.GetRequiredService<Keys>(), key, parsed, cancellationToken);
        switch (outcome)
        {
            case CreateKeyOutcome.Created(var (created, secret)):
                // The secret alone on the output, so that a script can take it; the rest is for the person.
                await Console.Error.WriteLineAsync($"{created.Id} · {created.Label} · the secret is shown once:");
                Console.WriteLine(secret);
                break;
            case CreateKeyOutcome.NoSuchOrganisation:
                throw new CommandException($"There is no organisation {parsed.GetValue(Org)}.");
            case CreateKeyOutcome.TooManyKeys:
                throw new CommandException($"There are already {Limits.KeysInUseMax} keys in use. Revoke some first.");
            case CreateKeyOutcome.Invalid(var input):
                throw new CommandException(input.ToString());
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static Task<CreateKeyOutcome> CreateKey(
        Keys keys, NewKey key, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (CommandFlow.ReadId<OrgId>(parsed.GetValue(Org)) is { } org)
        {
            return keys.CreateForOrganisation(org, key, AdminCommand.Actor, cancellationToken);
        }

        var operatorKey = new NewOperatorKey(key.Label, parsed.GetRequiredValue(Roles), key.ExpiresAt, key.Reason);
        return keys.CreateForOperator(operatorKey, AdminCommand.Actor, cancellationToken);
    }

    private static async Task ListKeys(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var org = CommandFlow.ReadId<OrgId>(parsed.GetValue(Org));
        foreach (var key in await services.GetRequiredService<Keys>().Newest(org, cancellationToken))
        {
            var state = key.RevokedAt is { } revoked ? $"revoked {Rfc3339.Format(revoked)}"
                : key.ExpiresAt is { } expires ? $"expires {Rfc3339.Format(expires)}"
                : "in use";
            Console.WriteLine($"{key.Id}  {key.Prefix}_…{key.LastFour}  {state}  {key.Label}");
        }
    }

    private static async Task RevokeKey(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var key = CommandFlow.ReadId<KeyId>(parsed.GetRequiredValue(Key))!.Value;
        var org = CommandFlow.ReadId<OrgId>(parsed.GetValue(Org));
        var outcome = await services.GetRequiredService<Keys>().Revoke(
            org, key, parsed.GetValue(Reason), AdminCommand.Actor, cancellationToken);
        Console.WriteLine(outcome switch
        {
            RevokeKeyOutcome.Revoked(var revoked) =>
                $"{revoked.Id} ({revoked.Label}) is revoked since {Rfc3339.Format(revoked.RevokedAt!.Value)}.",
            RevokeKeyOutcome.NoSuchKey => throw new CommandException(org is { } named
                ? $"There is no key {key} in {named}."
                : $"There is no key {key} of the operator. Name its organisation with --org."),
            RevokeKeyOutcome.Invalid(var input) => throw new CommandException(input.ToString()),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static async Task RotateMasterKey(
        IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var count = await services.GetRequiredService<Secrets>().RotateMasterKey(
            services.GetRequiredService<IAudit>(), AdminCommand.Actor, cancellationToken);
        Console.WriteLine($"{count} keys were wrapped anew.");
    }

    private static DateTimeOffset? ReadExpiry(ParseResult parsed)
    {
        if (parsed.GetValue(Expires) is not { } text)
        {
            return null;
        }

        return Rfc3339.TryParse(text, out DateTimeOffset instant)
            ? instant
            : throw new CommandException($"'{text}' is no instant as 2026-11-20T08:15:00Z.");
    }
}
