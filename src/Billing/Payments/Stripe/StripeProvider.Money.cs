using System.Globalization;
using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <content>Payments, refunds, disputes and what reaches the bank.</content>
public sealed partial class StripeProvider
{
    // What each further file is filed under: the vendor takes one of each kind.
    private static readonly string[] EvidenceKinds =
        ["uncategorized_file", "service_documentation", "customer_communication", "receipt", "refund_policy"];

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPayment>> Charge(
        ChargeParameters parameters, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parameters);

        // Nobody is there to be sent to another page.
        var form = new StripeForm()
            .Add("amount", parameters.AmountMinor)
            .Add("currency", parameters.Currency.ToLowerInvariant())
            .Add("customer", parameters.Customer)
            .Add("payment_method", parameters.Method)
            .Add("description", parameters.Description)
            .Add("automatic_payment_methods[enabled]", true)
            .Add("automatic_payment_methods[allow_redirects]", "never")
            .Add("off_session", true)
            .Add("confirm", true)
            .Add("metadata", parameters.Metadata)
            .Expand("latest_charge");
        return client.Send(
            StripeCall.Post("charge", "/v1/payment_intents", key, form), StripeObjects.Payment, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderPayment>> Payment(string id, CancellationToken cancellationToken)
    {
        var outcome = await client.Send(
            StripeCall.Get(
                "read_payment", $"/v1/payment_intents/{Escape(id)}", new StripeForm().Expand("latest_charge")),
            StripeObjects.Payment,
            cancellationToken);
        return outcome is ProviderOutcome<ProviderPayment>.Done { Value.Invoice: null } found
            ? await WithInvoice(found, cancellationToken)
            : outcome;
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderRefund>> Refund(
        RefundParameters parameters, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var form = new StripeForm()
            .Add(parameters.Payment.StartsWith("ch_", StringComparison.Ordinal) ? "charge" : "payment_intent", parameters.Payment)
            .Add("amount", parameters.AmountMinor)
            .Add("reason", parameters.Reason)
            .Add("metadata", parameters.Metadata);
        return client.Send(
            StripeCall.Post("refund", "/v1/refunds", key, form), StripeObjects.Refund, cancellationToken);
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderRefund>> FindRefund(string id, CancellationToken cancellationToken) => client.Send(
        StripeCall.Get("read_refund", $"/v1/refunds/{Escape(id)}"), StripeObjects.Refund, cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderDispute>> Dispute(string id, CancellationToken cancellationToken) => client.Send(
        StripeCall.Get("read_dispute", $"/v1/disputes/{Escape(id)}"), StripeObjects.Dispute, cancellationToken);

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderDispute>> SubmitEvidence(
        string id, EvidenceParameters evidence, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        if (evidence.Files.Count > EvidenceKinds.Length)
        {
            return new ProviderOutcome<ProviderDispute>.Rejected(new ProviderFailure(
                ProviderFailureCategory.InvalidRequest,
                "submit_evidence",
                string.Create(CultureInfo.InvariantCulture, $"At most {StripeLimits.EvidenceFilesMax} files can be sent.")));
        }

        var form = new StripeForm()
            .Add("evidence[uncategorized_text]", evidence.Explanation)
            .Add("evidence[customer_name]", evidence.CustomerName)
            .Add("evidence[customer_email_address]", evidence.CustomerEmail)
            .Add("submit", evidence.Submit);
        for (var index = 0; index < evidence.Files.Count; index++)
        {
            var uploaded = await Upload(
                evidence.Files[index], string.Create(CultureInfo.InvariantCulture, $"{key}:file:{index}"), cancellationToken);
            if (uploaded is not ProviderOutcome<string>.Done(var file, _))
            {
                return uploaded.As<string, ProviderDispute>();
            }

            form.Add($"evidence[{EvidenceKinds[index]}]", file);
        }

        return await client.Send(
            StripeCall.Post("submit_evidence", $"/v1/disputes/{Escape(id)}", key, form),
            StripeObjects.Dispute,
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderList<ProviderBalanceMove>>> BalanceMoves(
        DateTimeOffset since, string? payout, CancellationToken cancellationToken)
    {
        var outcome = await client.List(
            StripeCall.Get(
                "list_balance_moves",
                "/v1/balance_transactions",
                new StripeForm().Add("created[gte]", since).Add("payout", payout)),
            move => StripeObjects.BalanceMove(move, payout),
            StripeLimits.WidePagesMax,
            cancellationToken);
        return outcome.Select(list => list with { Items = [.. list.Items.Reverse()] });
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderPayout>>> Payouts(
        DateTimeOffset since, CancellationToken cancellationToken) => client.List(
        StripeCall.Get("list_payouts", "/v1/payouts", new StripeForm().Add("created[gte]", since)),
        StripeObjects.Payout,
        StripeLimits.WidePagesMax,
        cancellationToken);

    private Task<ProviderOutcome<string>> Upload(
        (string Name, string ContentType, ReadOnlyMemory<byte> Bytes) file, string key, CancellationToken cancellationToken)
    {
        var call = new StripeCall("upload_file", HttpMethod.Post, "/v1/files")
        {
            Key = key,
            Form = new StripeForm().Add("purpose", "dispute_evidence"),
            File = new StripeFile(file.Name, file.ContentType, file.Bytes),
        };
        return client.Send(call, answer => answer.NeededText("id"), cancellationToken);
    }

    // Since 2025-03-31 a payment no longer names its invoice: the invoices' payments are asked which one they name.
    private async Task<ProviderOutcome<ProviderPayment>> WithInvoice(
        ProviderOutcome<ProviderPayment>.Done found, CancellationToken cancellationToken)
    {
        var form = new StripeForm()
            .Add("payment[type]", "payment_intent")
            .Add("payment[payment_intent]", found.Value.Id)
            .Add("limit", 1);
        var outcome = await client.Send(
            StripeCall.Get("find_invoice_of_payment", "/v1/invoice_payments", form), FirstInvoice, cancellationToken);
        return outcome is ProviderOutcome<string?>.Done(var invoice, _)
            ? found with { Value = found.Value with { Invoice = invoice } }
            : outcome.As<string?, ProviderPayment>();
    }

    private static string? FirstInvoice(JsonElement list) =>
        list.Items("data").Select(payment => payment.Id("invoice")).FirstOrDefault();
}
