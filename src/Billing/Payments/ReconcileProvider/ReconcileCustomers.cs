using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Every customer's subscriptions and invoices against the provider's lists: what is missing here is written, what differs
/// is overwritten, what the provider has no more has ended. An answer gives way to news that came since it was asked for.
/// </summary>
internal sealed class ReconcileCustomers(
    NpgsqlDataSource database,
    ProjectSubscription projectSubscription,
    ProjectInvoice projectInvoice,
    ProjectPayment projectPayment,
    ReconciliationRuns runs)
{
    private const string Nothing = "nothing";

    private const string CustomersSql = $"""
        select {CustomerRow.Columns}
        from payments.customers
        where provider = $1
          and mode = $2
          and (org_id, customer_id) > ($3, $4)
        order by org_id, customer_id
        limit $5
        """;

    /// <summary>Goes through the subscriptions of every customer.</summary>
    public Task GoThroughSubscriptions(ReconciliationWork work, CancellationToken cancellationToken) =>
        Go(work, LookAtSubscriptions, cancellationToken);

    /// <summary>
    /// Goes through the invoices of every customer, and what their checkouts were paid with: those of some weeks before the
    /// last run to which everything was answered, so that what happened while nobody looked is seen as well.
    /// </summary>
    public async Task GoThroughInvoices(ReconciliationWork work, CancellationToken cancellationToken)
    {
        var earliest = work.Run.StartedAt - ReconciliationLimits.InvoicesSinceMax;
        var clean = await runs.LastClean(work.Place, work.Run.Scope, cancellationToken) - ReconciliationLimits.InvoicesBefore;
        var since = clean > earliest ? clean.Value : earliest;
        await Go(work, (its, customer, token) => LookAtInvoices(its, customer, since, token), cancellationToken);
    }

    private async Task Go(
        ReconciliationWork work,
        Func<ReconciliationWork, CustomerRow, CancellationToken, Task> look,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await database.Sql(
                CustomersSql,
                work.Place.Provider,
                work.Place.ModeWord,
                work.Run.Cursor?.Org ?? Guid.Empty,
                work.Run.Cursor?.Row ?? Guid.Empty,
                ReconciliationLimits.CustomersAtOnce).All(CustomerRow.Read, cancellationToken);
            if (page.Count == 0)
            {
                return;
            }

            foreach (var customer in page)
            {
                await look(work, customer, cancellationToken);
                await work.Came(new RunCursor(customer.Org.Value, customer.Id.Value), 1, cancellationToken);
            }
        }
    }

    private const string SubscriptionsSql = $"""
        select {SubscriptionRow.Columns}
        from payments.subscriptions
        where org_id = $1
          and billing_account_id = $2
          and customer_id = $3
        order by subscription_id
        """;

    private async Task LookAtSubscriptions(
        ReconciliationWork work, CustomerRow customer, CancellationToken cancellationToken)
    {
        var askedAt = work.Now();
        if (await work.Provider.Subscriptions(customer.ProviderId, cancellationToken)
            is not ProviderOutcome<ProviderList<ProviderSubscription>>.Done(var listed, _))
        {
            work.Unanswered();
            return;
        }

        var stored = await database.Sql(
            SubscriptionsSql, customer.Org.Value, customer.BillingAccount.Value, customer.Id.Value)
            .All(SubscriptionRow.Read, cancellationToken);
        var byId = stored.ToDictionary(row => row.ProviderId, StringComparer.Ordinal);

        // The oldest first: what is found all at once is decided as if it had been told in order.
        foreach (var said in listed.Items.OrderBy(one => one.CreatedAt).ThenBy(one => one.Id, StringComparer.Ordinal))
        {
            var row = byId.GetValueOrDefault(said.Id);
            if ((row is null && !SubscriptionStates.Read(said.Status).IsTerminal())
                || (row is not null && ProjectSubscription.Differs(row, said)))
            {
                await Project(work, customer, row, said, askedAt, cancellationToken);
            }
        }

        var named = listed.Items.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var row in stored.Where(row => !row.Status.IsTerminal() && !named.Contains(row.ProviderId)))
        {
            await LookAtUnlisted(work, customer, row, cancellationToken);
        }
    }

    private async Task LookAtUnlisted(
        ReconciliationWork work, CustomerRow customer, SubscriptionRow row, CancellationToken cancellationToken)
    {
        var askedAt = work.Now();
        switch (await work.Provider.Subscription(row.ProviderId, cancellationToken))
        {
            case ProviderOutcome<ProviderSubscription>.Done(var said, _) when ProjectSubscription.Differs(row, said):
                await Project(work, customer, row, said, askedAt, cancellationToken);
                break;
            case ProviderOutcome<ProviderSubscription>.Done:
                break;
            case ProviderOutcome<ProviderSubscription>.NotFound:
                await Project(work, customer, row, Gone(row, customer, askedAt), askedAt, cancellationToken);
                break;
            default:
                work.Unanswered();
                break;
        }
    }

    // What the provider does not know any more has ended, when exactly nobody knows.
    private static ProviderSubscription Gone(SubscriptionRow row, CustomerRow customer, DateTimeOffset at) => new(
        row.ProviderId,
        customer.ProviderId,
        Word.Of(SubscriptionStatus.Canceled),
        row.ProviderCreatedAt ?? row.CreatedAt,
        row.PeriodStart,
        row.PeriodEnd,
        row.TrialEnd,
        row.EndsWithPeriod,
        row.CanceledAt ?? at,
        row.EndedAt ?? at,
        row.IsPaused,
        row.LatestInvoice,
        [],
        new Dictionary<string, string>());

    private Task Project(
        ReconciliationWork work,
        CustomerRow customer,
        SubscriptionRow? row,
        ProviderSubscription said,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken) => work.Repair(
            KeyOf(customer),
            new Difference("subscription", said.Id, row?.ProviderStatus ?? Nothing, said.Status),
            (account, known) => projectSubscription.Apply(
                account, work.Place, said, NewsSource.Answer(askedAt), known, cancellationToken),
            cancellationToken);

    // What is not settled is asked about however old it is: it may be paid at any time, and its news be lost.
    private const string InvoicesSql = $"""
        select {InvoiceRow.Columns}
        from payments.invoices
        where org_id = $1
          and billing_account_id = $2
          and customer_id = $3
          and (updated_at >= $4 or status not in ('paid', 'void'))
        order by invoice_id
        limit $5
        """;

    private async Task LookAtInvoices(
        ReconciliationWork work, CustomerRow customer, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var askedAt = work.Now();
        if (await work.Provider.Invoices(customer.ProviderId, since, cancellationToken)
            is not ProviderOutcome<ProviderList<ProviderInvoice>>.Done(var listed, _))
        {
            work.Unanswered();
            return;
        }

        var stored = await database.Sql(
            InvoicesSql,
            customer.Org.Value,
            customer.BillingAccount.Value,
            customer.Id.Value,
            since,
            ReconciliationLimits.InvoicesOfCustomerMax).All(InvoiceRow.Read, cancellationToken);
        var byId = stored.ToDictionary(row => row.ProviderId, StringComparer.Ordinal);
        foreach (var said in listed.Items.OrderBy(one => one.CreatedAt))
        {
            await Compare(work, customer, byId.GetValueOrDefault(said.Id), said, askedAt, cancellationToken);
        }

        var named = listed.Items.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var row in stored.Where(row => !named.Contains(row.ProviderId)))
        {
            var at = work.Now();
            if (await work.Provider.Invoice(row.ProviderId, cancellationToken) is ProviderOutcome<ProviderInvoice>.Done(var said, _))
            {
                await Compare(work, customer, row, said, at, cancellationToken);
            }
            else
            {
                work.Unanswered();
            }
        }

        await LookAtPayments(work, customer, since, cancellationToken);
    }

    private async Task Compare(
        ReconciliationWork work,
        CustomerRow customer,
        InvoiceRow? row,
        ProviderInvoice said,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken)
    {
        if (row is not null && !ProjectInvoice.Differs(row, said))
        {
            return;
        }

        await work.Repair(
            KeyOf(customer),
            new Difference("invoice", said.Id, row?.Status ?? Nothing, said.Status),
            (account, _) => projectInvoice.Apply(
                account, work.Place, said, NewsSource.Answer(askedAt), cancellationToken),
            cancellationToken);
    }

    // Paid checkouts and invoices whose money is not here as it should be, and money whose charge is not known: by which
    // alone its fee, refunds and disputes are found. And money of which more or less was given back than refunds say: of one
    // that failed later, nobody tells the payment. It may have been paid long before it is given back.
    private const string PaymentsSql = """
        select named.id
        from (
            select provider_payment_id as id
            from payments.checkouts
            where org_id = $1
              and billing_account_id = $2
              and provider = $3
              and mode = $4
              and status = 'completed_reconciled'
              and provider_payment_id is not null
            union
            select provider_payment_id
            from payments.invoices
            where org_id = $1
              and billing_account_id = $2
              and provider = $3
              and mode = $4
              and status = 'paid'
              and provider_payment_id is not null
            union
            select provider_payment_id
            from payments.payments
            where org_id = $1
              and billing_account_id = $2
              and provider = $3
              and mode = $4
              and status in ('pending', 'action_needed')
            union
            select provider_payment_id
            from payments.payments
            where org_id = $1
              and billing_account_id = $2
              and provider = $3
              and mode = $4
              and status = 'succeeded'
              and provider_charge_id is null
              and updated_at >= $6
        ) named
        where not exists (
            select
            from payments.payments payment
            where payment.org_id = $1
              and payment.provider = $3
              and payment.mode = $4
              and payment.provider_payment_id = named.id
              and payment.status = 'succeeded'
              and (payment.provider_charge_id is not null or payment.updated_at < $6))
        union
        select provider_payment_id
        from payments.payments
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and status = 'succeeded'
          and (updated_at >= $6 or payment_id in (
              select payment_id
              from payments.refunds
              where org_id = $1
                and billing_account_id = $2))
          and refunded_minor <> (
              select coalesce(sum(refund.amount_minor), 0)
              from payments.refunds refund
              where refund.org_id = payments.org_id
                and refund.payment_id = payments.payment_id
                and refund.kind = 'provider_refund'
                and refund.status in ('processing', 'succeeded'))
        order by 1
        limit $5
        """;

    private async Task LookAtPayments(
        ReconciliationWork work, CustomerRow customer, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var missing = await database.Sql(
            PaymentsSql,
            customer.Org.Value,
            customer.BillingAccount.Value,
            work.Place.Provider,
            work.Place.ModeWord,
            ReconciliationLimits.InvoicesOfCustomerMax,
            since).All(row => row.GetString(0), cancellationToken);
        foreach (var id in missing)
        {
            var askedAt = work.Now();
            if (await work.Provider.Payment(id, cancellationToken) is not ProviderOutcome<ProviderPayment>.Done(var said, _))
            {
                work.Unanswered();
                continue;
            }

            if (said.Status is ProviderPaymentStatus.Succeeded or ProviderPaymentStatus.Failed)
            {
                await work.Repair(
                    KeyOf(customer),
                    new Difference("payment", id, "unsettled", Word.Of(said.Status)),
                    (account, _) => projectPayment.Apply(
                        account, work.Place, said, NewsSource.Answer(askedAt), cancellationToken),
                    cancellationToken);
            }
        }
    }

    private static BillingAccountKey KeyOf(CustomerRow customer) => new(customer.Org, customer.BillingAccount);
}
