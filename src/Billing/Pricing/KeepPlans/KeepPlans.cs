using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>What a version of a plan says.</summary>
internal sealed record PlanContent(
    Money Fee,
    PriceBookId? Book,
    int TrialDays,
    IReadOnlyList<Entitlement> Entitlements,
    IReadOnlyList<IncludedGrant> Grants);

/// <summary>Every way keeping a plan can end.</summary>
internal abstract record PlanOutcome
{
    private PlanOutcome()
    {
    }

    public sealed record Family(PlanFamily Made) : PlanOutcome;

    public sealed record Version(PlanVersion Made) : PlanOutcome;

    public sealed record NotFound(string Reason) : PlanOutcome;

    public sealed record Conflict(string Reason) : PlanOutcome;

    public sealed record InvalidEntitlement(Entitlement.Invalid Invalid) : PlanOutcome;

    public sealed record Refused(string Reason) : PlanOutcome;
}

/// <summary>Makes families and versions of plans; a draft may change until it is published.</summary>
internal sealed class KeepPlans(
    NpgsqlDataSource database, TimeProvider time, IdSource ids, IAudit audit, PlanReader reader)
{
    private const string InsertFamilySql = """
        insert into pricing.plan_families (family, name, description, visibility, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """;

    public async Task<PlanOutcome> MakeFamily(
        PlanFamily family, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        if (WhyRefused(family) is { } reason)
        {
            return new PlanOutcome.Refused(reason);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = transaction.Sql(
            InsertFamilySql,
            family.Family,
            family.Name,
            family.Description,
            family.Visibility.ToString().ToLowerInvariant(),
            Instant.Now(time));
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return new PlanOutcome.Conflict($"There is a plan '{family.Family}'.");
        }

        await Finish(transaction, actor, "plan.created", family.Family, idempotent, cancellationToken);
        return new PlanOutcome.Family(family);
    }

    private const string NextNumberSql = """
        select coalesce(max(number), 0) + 1
        from pricing.plan_versions
        where family = $1
        """;

    // Two who begin a version at once get two numbers: the family is locked first.
    private const string LockFamilySql = "select 1 from pricing.plan_families where family = $1 for no key update";

    private const string InsertVersionSql = """
        insert into pricing.plan_versions
            (plan_version_id, family, number, status, currency, fee_micros, price_book_id, trial_days, entitlements, grants,
            content_hash, created_at)
        values ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    public async Task<PlanOutcome> Draft(
        string family, PlanContent content, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locking = transaction.Sql(LockFamilySql, family))
        {
            if (await locking.ExecuteScalarAsync(cancellationToken) is null)
            {
                return new PlanOutcome.NotFound("There is no such plan.");
            }
        }

        if (await WhyNot(transaction, content, cancellationToken) is { } problem)
        {
            return problem;
        }

        await using var numbering = transaction.Sql(NextNumberSql, family);
        var number = (int)(await numbering.ExecuteScalarAsync(cancellationToken))!;
        var version = Hashed(ids.Next<PlanVersionId>(), family, number, content, Instant.Now(time));
        await using var command = transaction.Sql(
            InsertVersionSql,
            version.Id.Value,
            family,
            number,
            content.Fee.Currency.Code,
            content.Fee.Micros,
            content.Book?.Value,
            content.TrialDays,
            PlanRows.Text(content.Entitlements),
            PlanRows.Text(content.Grants),
            Convert.FromHexString(version.Hash),
            version.CreatedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await Finish(transaction, actor, "plan_version.drafted", version.Id.ToString(), idempotent, cancellationToken);
        return new PlanOutcome.Version(version);
    }

    private const string ReplaceSql = """
        update pricing.plan_versions
        set currency = $2, fee_micros = $3, price_book_id = $4, trial_days = $5, entitlements = $6, grants = $7,
            content_hash = $8
        where plan_version_id = $1
        """;

    public Task<PlanOutcome> Replace(
        string family,
        int number,
        PlanContent content,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => WithDraft(
            family,
            number,
            async (transaction, draft) =>
            {
                if (await WhyNot(transaction, content, cancellationToken) is { } problem)
                {
                    return problem;
                }

                var version = Hashed(draft.Id, family, number, content, draft.CreatedAt);
                await using var command = transaction.Sql(
                    ReplaceSql,
                    version.Id.Value,
                    content.Fee.Currency.Code,
                    content.Fee.Micros,
                    content.Book?.Value,
                    content.TrialDays,
                    PlanRows.Text(content.Entitlements),
                    PlanRows.Text(content.Grants),
                    Convert.FromHexString(version.Hash));
                await command.ExecuteNonQueryAsync(cancellationToken);
                await Finish(transaction, actor, "plan_version.changed", version.Id.ToString(), idempotent, cancellationToken);
                return new PlanOutcome.Version(version);
            },
            cancellationToken);

    private const string PublishSql = """
        update pricing.plan_versions
        set status = 'published', published_at = $2
        where plan_version_id = $1
        """;

    public Task<PlanOutcome> Publish(
        string family, int number, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken) => WithDraft(
            family,
            number,
            async (transaction, draft) =>
            {
                var version = draft with { Status = PlanStatus.Published, PublishedAt = Instant.Now(time) };
                await using var command = transaction.Sql(PublishSql, draft.Id.Value, version.PublishedAt);
                await command.ExecuteNonQueryAsync(cancellationToken);
                await Finish(transaction, actor, "plan_version.published", version.Id.ToString(), idempotent, cancellationToken);
                return new PlanOutcome.Version(version);
            },
            cancellationToken);

    private const string LockVersionSql = $"""
        select {PlanRows.VersionColumns}
        from pricing.plan_versions
        where family = $1
            and number = $2
        for update
        """;

    private async Task<PlanOutcome> WithDraft(
        string family,
        int number,
        Func<NpgsqlTransaction, PlanVersion, Task<PlanOutcome>> change,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        PlanVersion? version = null;
        await using (var command = transaction.Sql(LockVersionSql, family, number))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            version = await row.ReadAsync(cancellationToken) ? PlanRows.Version(row) : null;
        }

        return version switch
        {
            null => new PlanOutcome.NotFound("There is no such version."),
            { Status: PlanStatus.Published } => new PlanOutcome.Conflict("A published version never changes."),
            _ => await change(transaction, version),
        };
    }

    private async Task Finish(
        NpgsqlTransaction transaction,
        string actor,
        string action,
        string subject,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await audit.Record(transaction, new AuditEntry(null, actor, action, subject), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        reader.ForgetCatalogue();
    }

    private static PlanVersion Hashed(
        PlanVersionId id, string family, int number, PlanContent content, DateTimeOffset createdAt)
    {
        var version = new PlanVersion(
            id,
            family,
            number,
            PlanStatus.Draft,
            content.Fee,
            content.Book,
            content.TrialDays,
            content.Entitlements,
            content.Grants,
            string.Empty,
            createdAt,
            null);
        return version with { Hash = Convert.ToHexStringLower(PlanRows.HashOf(version)) };
    }

    private static string? WhyRefused(PlanFamily family)
    {
        var isSlug = family.Family.Length is > 0 and <= 63
            && family.Family.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
            && family.Family[0] != '-' && family.Family[^1] != '-';
        if (!isSlug)
        {
            return "A plan's short name has up to 63 of a-z, 0-9 and hyphens between them.";
        }

        if (InputText.Problem(family.Name, Limits.NameLettersMax) is { } problem)
        {
            return $"name {problem}.";
        }

        return family.Description.Length > Limits.NoteLettersMax || family.Description.Any(char.IsControl)
            ? $"A description has up to {Limits.NoteLettersMax} letters."
            : null;
    }

    private const string BookCurrencySql = "select currency from pricing.price_books where price_book_id = $1";

    private static async Task<PlanOutcome?> WhyNot(
        NpgsqlTransaction transaction, PlanContent content, CancellationToken cancellationToken)
    {
        if (content.Entitlements.OfType<Entitlement.Invalid>().FirstOrDefault() is { } invalid)
        {
            return new PlanOutcome.InvalidEntitlement(invalid);
        }

        if (WhyRefused(content) is { } reason)
        {
            return new PlanOutcome.Refused(reason);
        }

        if (content.Book is not { } book)
        {
            return null;
        }

        await using var command = transaction.Sql(BookCurrencySql, book.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is string code && Currency.Of(code) == content.Fee.Currency
            ? null
            : new PlanOutcome.Refused("There is no such price book in the fee's currency.");
    }

    private static string? WhyRefused(PlanContent content)
    {
        if (content.Fee.Micros is < 0 or > Limits.FeeMicrosMax || content.TrialDays is < 0 or > Limits.TrialDaysMax)
        {
            return $"A fee is not negative, and a trial has up to {Limits.TrialDaysMax} days.";
        }

        if (content.Entitlements.Count > Limits.EntitlementsMax
            || content.Entitlements.DistinctBy(entitlement => entitlement.Key).Count() != content.Entitlements.Count
            || content.Entitlements.Any(entitlement => InputText.Problem(entitlement.Key, Limits.NameLettersMax) is not null))
        {
            return $"A plan has up to {Limits.EntitlementsMax} entitlements, each of its own key.";
        }

        var areGrants = content.Grants.Count <= Limits.GrantsMax
            && content.Grants.DistinctBy(grant => grant.Name).Count() == content.Grants.Count
            && content.Grants.All(grant => grant.AmountMicros is > 0 and <= Limits.FeeMicrosMax
                && grant.Scopes.Count <= Limits.GrantScopesMax
                && grant.Scopes.Append(grant.Name).All(text => InputText.Problem(text, Limits.NameLettersMax) is null));
        return areGrants ? null : $"A plan includes up to {Limits.GrantsMax} grants, each with its own name and a positive amount.";
    }
}
