using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Which gateway.</summary>
/// <param name="Source">Its name.</param>
internal sealed record SpendSourcePath(string Source);

/// <summary>How another gateway is to be read.</summary>
/// <param name="BaseUrl">Its address, as its own tools take it: <c>https://litellm.example.com</c>.</param>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="Credential">Its key; kept encrypted and never shown. The one it has stays where it is left out.</param>
/// <param name="BillingAccountId">Who pays for its calls; the organisation's default account where left out.</param>
/// <param name="Since">
/// From when its calls count, at most thirty days ago, and not before another source of the address was read to; from now on
/// where left out. Later it stays.
/// </param>
/// <param name="IsEnabled">Whether it is read.</param>
internal sealed record SpendSourceBody(
    string BaseUrl,
    string Reason,
    string? Credential = null,
    BillingAccountId? BillingAccountId = null,
    DateTimeOffset? Since = null,
    bool IsEnabled = true);

/// <summary>Another gateway whose calls are usage here.</summary>
/// <param name="Source">Its name: usage from it has the source <c>litellm/</c> and this.</param>
/// <param name="BaseUrl">Its address.</param>
/// <param name="BillingAccountId">Who pays for its calls.</param>
/// <param name="IsEnabled">Whether it is read.</param>
/// <param name="ReadTo">Everything before was read, but for what comes late.</param>
/// <param name="SettledTo">Everything before was looked for a last time: what comes later than a day and a half is not found.</param>
/// <param name="NextAt">When it is read next.</param>
/// <param name="LastReadAt">When it was read last; null for never.</param>
/// <param name="Failures">How often in a row it could not be read.</param>
/// <param name="LastError">Why, the last time; null where it could.</param>
/// <param name="RecordedCount">Calls that became usage.</param>
/// <param name="LateCount">Those of them that were written down there half an hour after they began, or later.</param>
/// <param name="KnownCount">Calls that were read again.</param>
/// <param name="RefusedCount">Calls that could not become usage.</param>
/// <param name="LastRefusal">Why, the last time; null where all could.</param>
internal sealed record SpendSourceView(
    string Source,
    string BaseUrl,
    BillingAccountId BillingAccountId,
    bool IsEnabled,
    DateTimeOffset ReadTo,
    DateTimeOffset SettledTo,
    DateTimeOffset NextAt,
    DateTimeOffset? LastReadAt,
    int Failures,
    string? LastError,
    long RecordedCount,
    long LateCount,
    long KnownCount,
    long RefusedCount,
    string? LastRefusal)
{
    /// <summary>A source as it is shown.</summary>
    public static SpendSourceView Of(SpendSource source) => new(
        source.Name,
        source.BaseUrl,
        source.BillingAccount,
        source.IsEnabled,
        source.ReadTo,
        source.SettledTo,
        source.NextAt,
        source.LastReadAt,
        source.Failures,
        source.LastError,
        source.Recorded,
        source.Late,
        source.Known,
        source.Refused,
        source.LastRefusal);
}

/// <summary>The operator's desk for other gateways whose calls are usage of an organisation; every change is audited.</summary>
internal sealed partial class KeepSpendSources(
    NpgsqlDataSource database, Organisations organisations, Secrets secrets, IAudit audit, WakeUps wakeUps, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/spend-sources</c>.</summary>
    public static async Task<Ok<Page<SpendSourceView>>> List(
        KeepSpendSources handler, HttpContext context, CancellationToken cancellationToken)
    {
        var rows = await SpendSourceRows.List(handler.Database, context.Caller().RequiredOrg, null, cancellationToken);
        return TypedResults.Ok(new Page<SpendSourceView>([.. rows.Select(SpendSourceView.Of)], null));
    }

    /// <summary><c>PUT /v1/inference/spend-sources/{source}</c>.</summary>
    public static async Task<Results<Ok<SpendSourceView>, Problem>> Set(
        Parameters<SpendSourcePath> parameters,
        SpendSourceBody body,
        KeepSpendSources handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await handler.Set(caller.RequiredOrg, parameters.Value.Source, body, caller.Actor, cancellationToken);
    }

    /// <summary><c>DELETE /v1/inference/spend-sources/{source}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Remove(
        Parameters<SpendSourcePath> parameters,
        KeepSpendSources handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await handler.Remove(caller.RequiredOrg, parameters.Value.Source, caller.Actor, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, "There is no such source of spend here.");
    }

    private NpgsqlDataSource Database => database;

    private async Task<Results<Ok<SpendSourceView>, Problem>> Set(
        OrgId org, string name, SpendSourceBody body, string actor, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var profile = await organisations.Find(org, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SpendSourceRows.TakeTurn(transaction, cancellationToken);
        var all = await SpendSourceRows.Lock(transaction, org, null, cancellationToken);
        var before = all.FirstOrDefault(source => source.Name == name);
        if (Check(name, body, before, all.Count, now).Failed(out var problem))
        {
            return problem;
        }

        var isMoved = before is not null && SpendAddress.Of(before.BaseUrl) != SpendAddress.Of(body.BaseUrl);
        var ended = before is null || isMoved
            ? await EndedSpendSourceRows.Latest(transaction, SpendAddress.Of(body.BaseUrl), org, name, cancellationToken)
            : null;
        if ((await CheckAddress(transaction, org, name, body, before, ended, cancellationToken)).Failed(out problem))
        {
            return problem;
        }

        var account = body.BillingAccountId ?? before?.BillingAccount ?? profile!.DefaultBillingAccount.Id;
        if (await organisations.FindBillingAccount(org, account, cancellationToken) is null)
        {
            return new Problem(PlatformProblems.NotFound, "There is no such billing account here.");
        }

        var after = Begun(new SpendSource(org, name, account, body.BaseUrl, body.IsEnabled)
        {
            BeginsAt = before?.BeginsAt ?? body.Since ?? now,
            PassedTo = before?.PassedTo ?? [.. SpendPasses.All.Select(_ => body.Since ?? now)],
        }, ended);
        after = after with
        {
            Credential = body.Credential is { } secret
                ? secrets.Protect(SpendSource.CredentialPurpose, Encoding.UTF8.GetBytes(secret), after.Binding)
                : before!.Credential,
        };
        if (isMoved)
        {
            await EndedSpendSourceRows.Keep(transaction, before!, now, cancellationToken);
        }

        await SpendSourceRows.Set(transaction, after, now, cancellationToken);
        var shown = SpendSourceView.Of((await SpendSourceRows.Lock(transaction, org, name, cancellationToken)).Single());
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "inference_spend_source.set",
                name,
                body.Reason,
                before is null ? null : AuditState.Of(SpendSourceView.Of(before)),
                AuditState.Of(shown)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(SyncSpend.Pump);
        return TypedResults.Ok(shown);
    }

    private async Task<bool> Remove(OrgId org, string name, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SpendSourceRows.TakeTurn(transaction, cancellationToken);
        if (await SpendSourceRows.Lock(transaction, org, name, cancellationToken) is not [var source])
        {
            return false;
        }

        await EndedSpendSourceRows.Keep(transaction, source, Instant.Now(time), cancellationToken);
        await SpendSourceRows.Remove(transaction, source, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, "inference_spend_source.removed", name, Before: AuditState.Of(SpendSourceView.Of(source))),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static ConfigurationInput Check(
        string name, SpendSourceBody body, SpendSource? before, int count, DateTimeOffset now)
    {
        var input = new ConfigurationInput();
        input.That(NamePattern().IsMatch(name), "source", "must be 1 to 63 of a-z, 0-9, '.', '_', '-', the first a letter or digit");
        input.That(
            before is not null || count < Limits.SpendSourcesMax, "source", $"must be one of at most {Limits.SpendSourcesMax}");
        input.That(
            Uri.TryCreate(body.BaseUrl, UriKind.Absolute, out var url)
                && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" },
            "base_url",
            "must be an http or https address without user, query and fragment");
        input.That(before is not null || body.Credential is not null, "credential", "is needed");
        input.Credential(body.Credential);
        input.That(
            body.Since is null || (body.Since <= now && body.Since >= now - Limits.SpendSinceLongest),
            "since",
            $"must be at most {Limits.SpendSinceLongest.TotalDays} days ago");
        input.Text("reason", body.Reason);
        return input;
    }

    // The ids that keep a call from being charged twice are told apart by source: so no two sources may read one gateway.
    private static async Task<ConfigurationInput> CheckAddress(
        NpgsqlTransaction transaction,
        OrgId org,
        string name,
        SpendSourceBody body,
        SpendSource? before,
        EndedSpendSource? ended,
        CancellationToken cancellationToken)
    {
        var input = new ConfigurationInput();
        var address = SpendAddress.Of(body.BaseUrl);
        var other = await SpendSourceRows.OtherOf(transaction, address, org, name, cancellationToken);

        // Two that a release before let be made are told apart by disabling one.
        var isEnding = !body.IsEnabled && before is not null && SpendAddress.Of(before.BaseUrl) == address;
        input.That(
            other is null || isEnding,
            "base_url",
            $"is read already, as {other?.Name} of {other?.Org}: its calls would be charged twice");
        input.That(
            before is not null || ended is null || body.Since is null || body.Since >= ended.ReadTo,
            "since",
            $"must not be before {Rfc3339.Format(ended?.ReadTo ?? default)}: until then {ended?.Name} of {ended?.Org} read this address");
        return input;
    }

    private static SpendSource Begun(SpendSource source, EndedSpendSource? ended) => ended is null
        ? source
        : source with
        {
            BeginsAt = Later(source.BeginsAt, ended.OthersBeginAt),
            PassedTo = [.. source.PassedTo.Select(passed => Later(passed, ended.OthersBeginAt))],
        };

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,62}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex NamePattern();
}
