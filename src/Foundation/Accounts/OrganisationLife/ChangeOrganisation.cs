using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Renames organisations, and begins and takes back their deletion.</summary>
internal sealed class ChangeOrganisation(
    NpgsqlDataSource database, OrganisationReader organisations, OrgDirectory directory, IAudit audit, TimeProvider time)
{
    /// <summary>Changes the name and the slug.</summary>
    public async Task<OrganisationOutcome> Rename(
        Caller caller, OrganisationChange change, CancellationToken cancellationToken)
    {
        var slug = change.Slug is "" ? null : change.Slug;
        var invalid = InvalidInput.Of(
            ("name", InputText.OptionalProblem(change.Name, Limits.NameLettersMax)),
            ("slug", SlugText.Problem(slug)),
            ("reason", InputText.OptionalProblem(change.Reason, Limits.ReasonLettersMax)));
        if (invalid is not null)
        {
            return new OrganisationOutcome.Invalid(invalid);
        }

        return await InTurn(
            caller,
            "organisation.changed",
            change.Reason,
            before => before.State == OrganisationState.Active ? null : new OrganisationOutcome.Deleting(),
            async (transaction, before) =>
            {
                var name = change.Name ?? before.Name;
                var account = before.DefaultBillingAccount;
                var after = before with
                {
                    Name = name,
                    Slug = change.Slug is null ? before.Slug : slug,

                    // Whoever is billed is called as the organisation is, until somebody gives it a name of its own.
                    DefaultBillingAccount = account with { Name = account.Name == before.Name ? name : account.Name },
                };
                return await MoveSlug(transaction, before, after, cancellationToken)
                    ? (Decision)after
                    : new OrganisationOutcome.SlugTaken(after.Slug!);
            },
            cancellationToken);
    }

    /// <summary>Begins to delete it: it can be restored for <see cref="Limits.DeletionGrace"/>.</summary>
    public Task<OrganisationOutcome> Delete(Caller caller, string? reason, CancellationToken cancellationToken) => InTurn(
        caller,
        "organisation.deletion_asked",
        reason,
        before => before.State == OrganisationState.Deleting ? new OrganisationOutcome.Done(before)
            : before.Kind == OrganisationKind.Personal ? new OrganisationOutcome.Personal()
            : null,
        (_, before) => Task.FromResult<Decision>(before with
        {
            State = OrganisationState.Deleting,
            DeletesAt = Instant.Now(time) + Limits.DeletionGrace,
        }),
        cancellationToken);

    /// <summary>Takes the deletion back.</summary>
    public Task<OrganisationOutcome> Restore(Caller caller, CancellationToken cancellationToken) => InTurn(
        caller,
        "organisation.restored",
        reason: null,
        before => before.State == OrganisationState.Active ? new OrganisationOutcome.Done(before) : null,
        (_, before) => Task.FromResult<Decision>(before with
        {
            State = OrganisationState.Active,
            DeletesAt = null,
        }),
        cancellationToken);

    private async Task<OrganisationOutcome> InTurn(
        Caller caller,
        string action,
        string? reason,
        Func<OrganisationProfile, OrganisationOutcome?> check,
        Func<NpgsqlTransaction, OrganisationProfile, Task<Decision>> decide,
        CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is null
            || await OrganisationRows.Find(transaction, org, cancellationToken) is not { } before)
        {
            return new OrganisationOutcome.NotFound();
        }

        if (check(before) is { } end)
        {
            return end;
        }

        var decision = await decide(transaction, before);
        if (decision.Refusal is { } refusal)
        {
            return refusal;
        }

        var after = decision.After!;
        await Write(transaction, after, cancellationToken);
        if (after.DefaultBillingAccount != before.DefaultBillingAccount)
        {
            await BillingAccountRows.Change(transaction, after.DefaultBillingAccount, cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org, caller.Actor, action, org.ToString(), reason, AuditState.Of(before), AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        organisations.Forget(new BillingAccountKey(org, after.DefaultBillingAccount.Id));
        return new OrganisationOutcome.Done(after);
    }

    private async Task<bool> MoveSlug(
        NpgsqlTransaction transaction,
        OrganisationProfile before,
        OrganisationProfile after,
        CancellationToken cancellationToken)
    {
        if (before.Slug == after.Slug)
        {
            return true;
        }

        if (after.Slug is not null)
        {
            var claim = await directory.Add(
                transaction, DirectoryKinds.Slug, OrgDirectory.HashOf(after.Slug), after.Id, after.Id.Value,
                cancellationToken);
            if (claim is not DirectoryOutcome.Added)
            {
                return false;
            }
        }

        if (before.Slug is not null)
        {
            await directory.Remove(
                transaction, DirectoryKinds.Slug, OrgDirectory.HashOf(before.Slug), cancellationToken);
        }

        return true;
    }

    private const string WriteSql = """
        update accounts.organisations
        set name = $2, slug = $3, state = $4, deletes_at = $5
        where org_id = $1
        """;

    private static async Task Write(
        NpgsqlTransaction transaction, OrganisationProfile after, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql, after.Id.Value, after.Name, after.Slug, StoredWord.Of(after.State), after.DeletesAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What an organisation becomes, or why it does not.</summary>
    private sealed record Decision(OrganisationProfile? After, OrganisationOutcome? Refusal)
    {
        public static implicit operator Decision(OrganisationProfile after) => new(after, null);

        public static implicit operator Decision(OrganisationOutcome refusal) => new(null, refusal);
    }
}
