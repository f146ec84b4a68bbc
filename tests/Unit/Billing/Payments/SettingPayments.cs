using Quoin.Payments;

namespace Quoin.Tests.Unit.Billing.Payments;

public sealed class SettingPayments
{
    [Fact]
    public void Takes_what_an_operator_sets_and_the_defaults_for_the_rest()
    {
        var options = Read(new()
        {
            ["REFUND_ALONE_MICROS"] = "0",
            ["DISPUTED_MICROS"] = "7000000",
            ["PAST_DUE_GRACE_HOURS"] = "72",
            ["CANCELED"] = "keeps",
            ["EVIDENCE_HOURS"] = "48",
            ["CLEARING_SECONDS"] = "600",
            ["KEEP_DAYS"] = "400",
            ["LEASE_SECONDS"] = "2",
        }).Options!;

        options.RefundAloneMicrosMax.ShouldBe(0);
        options.DisputedMicrosMax.ShouldBe(7_000_000);
        options.PastDueGrace.ShouldBe(TimeSpan.FromDays(3));
        options.CanceledBlocks.ShouldBeFalse();
        options.EvidenceNear.ShouldBe(TimeSpan.FromDays(2));
        options.ClearingEvery.ShouldBe(TimeSpan.FromMinutes(10));
        (options.NewsKeptFor, options.RequestsKeptFor).ShouldBe((TimeSpan.FromDays(400), TimeSpan.FromDays(400)));
        (options.Lease, options.JobLease, options.NewsLease).ShouldBe(
            (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)));
        options.RecoverEvery.ShouldBe(new PaymentsOptions().RecoverEvery);
        Read([]).Options.ShouldBe(new PaymentsOptions());
    }

    /// <summary>A long lease of requests does not make jobs of a killed replica wait any longer.</summary>
    [Fact]
    public void Never_lets_a_lease_of_requests_lengthen_that_of_jobs() =>
        Read(new() { ["LEASE_SECONDS"] = "600" }).Options!.JobLease.ShouldBe(new PaymentsOptions().JobLease);

    [Theory]
    [InlineData("REFUND_ALONE_MICROS", "-1")]
    [InlineData("REFUND_ALONE_MICROS", "100.00")]
    [InlineData("PAST_DUE_GRACE_HOURS", "9999")]
    [InlineData("CLEARING_SECONDS", "0")]
    [InlineData("KEEP_DAYS", "all")]
    [InlineData("CANCELED", "yes")]
    public void Names_the_variable_that_cannot_be(string name, string value)
    {
        var (options, wrong) = Read(new() { [name] = value });

        options.ShouldBeNull();
        wrong.ShouldNotBeNull().ShouldStartWith($"QUOIN_PAYMENTS_{name} is '{value}'");
    }

    private static (PaymentsOptions? Options, string? Wrong) Read(Dictionary<string, string> variables) =>
        (PaymentsSettings.Read(name => variables.GetValueOrDefault(name["QUOIN_PAYMENTS_".Length..]), out var wrong), wrong);
}
