using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Starts trials. Who comes first is decided by the unique keys of the claims: of a mailbox, of a person, of an organisation.
/// The credit itself is given by whoever keeps the books, who hears of it in the same transaction.
/// </summary>
internal sealed class ClaimTrial(
    NpgsqlDataSource database,
    OrganisationReader organisations,
    OrganisationClock clock,
    Flags flags,
    Secrets secrets,
    Outbox outbox,
    Jobs jobs,
    IAudit audit,
    TimeProvider time)
{
    /// <summary><c>GET /v1/trial</c>.</summary>
    public static async Task<Results<Ok<TrialProfile>, Problem>> ReadEndpoint(
        ClaimTrial handler, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        return await handler.organisations.Find(org, cancellationToken) is { } organisation
            ? TypedResults.Ok(await handler.Read(organisation, cancellationToken))
            : AccountsProblems.NoSuchOrganisation(org);
    }

    /// <summary><c>POST /v1/trial</c>.</summary>
    public static async Task<Results<Ok<TrialProfile>, Problem>> Endpoint(
        ClaimTrial handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (await handler.organisations.Find(caller.RequiredOrg, cancellationToken) is not { } organisation)
        {
            return AccountsProblems.NoSuchOrganisation(caller.RequiredOrg);
        }

        return await handler.Handle(organisation, caller, cancellationToken) switch
        {
            ClaimTrialOutcome.Claimed(var trial) => TypedResults.Ok(trial),
            ClaimTrialOutcome.Closed => new Problem(AccountsProblems.TrialsClosed, "No trials are given now."),
            ClaimTrialOutcome.AddressNotProved => new Problem(
                AccountsProblems.AddressNotProved, "Your address is not proved to be yours yet."),
            ClaimTrialOutcome.AlreadyClaimed => new Problem(
                AccountsProblems.TrialClaimed, "This organisation, or you, had a trial already."),
            _ => new Problem(AccountsProblems.SessionNeeded, "Only a person of the organisation starts its trial."),
        };
    }

    private readonly OrganisationReader organisations = organisations;

    private const string ReadSql = """
        select claimed_at, user_id, credit_micros, currency
        from accounts.trial_claims
        where org_id = $1
        """;

    public async Task<TrialProfile> Read(OrganisationProfile organisation, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, organisation.Id.Value);
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken))
            {
                return new TrialProfile(
                    false,
                    new Money(row.GetInt64(2), Currency.Of(row.GetString(3))),
                    row.GetFieldValue<DateTimeOffset>(0),
                    new UserId(row.GetGuid(1)));
            }
        }

        var credit = await CreditOf(organisation, cancellationToken);
        return new TrialProfile(credit.Micros > 0, credit, null, null);
    }

    public async Task<ClaimTrialOutcome> Handle(
        OrganisationProfile organisation, Caller caller, CancellationToken cancellationToken)
    {
        var credit = await CreditOf(organisation, cancellationToken);
        if (credit.Micros <= 0)
        {
            return new ClaimTrialOutcome.Closed();
        }

        if (caller is not { Realm: Realm.Organisation, Impersonator: null } || !Id.TryParse<UserId>(caller.Actor, out var user))
        {
            return new ClaimTrialOutcome.NotAPerson();
        }

        var at = await clock.Now(organisation.Id, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if ((await UserRows.Find(transaction, user, cancellationToken))?.ConfirmedEmail is not { } email)
        {
            return new ClaimTrialOutcome.AddressNotProved();
        }

        var now = Instant.Now(time);
        if (!await Insert(transaction, organisation.Id, user, email, credit, now, cancellationToken))
        {
            return new ClaimTrialOutcome.AlreadyClaimed();
        }

        var trial = new TrialProfile(false, credit, now, user);
        var news = new TrialClaimed(
            organisation.Id, organisation.DefaultBillingAccount.Id, credit, at, at + Limits.TrialCreditLifetime);
        await outbox.Publish(transaction, organisation.Id, organisation.Id.ToString(), news, null, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                organisation.Id, caller.Actor, "trial.claimed", organisation.Id.ToString(), After: AuditState.Of(trial)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return new ClaimTrialOutcome.Claimed(trial);
    }

    private async Task<Money> CreditOf(OrganisationProfile organisation, CancellationToken cancellationToken)
    {
        var micros = await flags.Get(Flag.TrialsEnabled, organisation.Id, cancellationToken)
            ? await flags.Get(Flag.TrialCreditMicros, organisation.Id, cancellationToken)
            : 0;
        return new Money(Math.Clamp(micros, 0, Limits.TrialCreditMicrosMax), organisation.DefaultBillingAccount.Currency);
    }

    // Whoever comes second waits for the first to commit, and then finds the claim there.
    private const string InsertSql = """
        insert into accounts.trial_claims (org_id, user_id, mailbox_hash, credit_micros, currency, claimed_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing
        """;

    private async Task<bool> Insert(
        NpgsqlTransaction transaction,
        OrgId org,
        UserId user,
        string email,
        Money credit,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            org.Value,
            user.Value,
            Attempts.HashOf(secrets, $"trial:{MailboxName.Of(email)}"),
            credit.Micros,
            credit.Currency.Code,
            now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
