using Quoin.Payments;

namespace Quoin.Tests.Unit.Billing.Payments;

/// <summary>The whole table of codes that are kept with requests, as the contract has it.</summary>
public sealed class TellingFailures
{
    private static readonly Dictionary<string, int> Contract = new()
    {
        ["request_in_progress"] = 409,
        ["checkout_in_progress"] = 409,
        ["checkout_session_open"] = 409,
        ["checkout_completion_pending"] = 409,
        ["checkout_recovery_verification_pending"] = 409,
        ["checkout_plan_not_found"] = 404,
        ["checkout_configuration_invalid"] = 409,
        ["subscription_exists_use_portal"] = 409,
        ["portal_subscription_required"] = 409,
        ["checkout_recovery_window_elapsed"] = 409,
        ["checkout_replay_provenance_mismatch"] = 409,
        ["checkout_provider_error"] = 502,
        ["idempotency_conflict"] = 409,
    };

    [Fact]
    public void Uses_the_codes_of_the_contract_and_no_other()
    {
        PaymentsProblems.OfRequests.ToDictionary(problem => problem.Code, problem => problem.Status).ShouldBe(Contract, ignoreOrder: true);
    }

    [Fact]
    public void Tells_an_unknown_code_as_a_plain_conflict()
    {
        PaymentsProblems.OfRequest("of_another_release").Status.ShouldBe(409);
        PaymentsProblems.OfRequest("of_another_release").Code.ShouldBe("of_another_release");
    }

    [Theory]
    [InlineData("/billing", true)]
    [InlineData("/billing?from=checkout#top", true)]
    [InlineData("/a%20b", true)]
    [InlineData("/a//b", true)]
    [InlineData("", false)]
    [InlineData("billing", false)]
    [InlineData("//host", false)]
    [InlineData("/\\host", false)]
    [InlineData("/a\\b", false)]
    [InlineData("/%2Fhost", false)]
    [InlineData("/%5chost", false)]
    [InlineData("/%25252525252fhost", false)]
    [InlineData("/a\tb", false)]
    [InlineData("/a%00b", false)]
    public void Knows_a_path_of_this_installation(string path, bool isGood) =>
        (ReturnPath.Problem(path) is null).ShouldBe(isGood);
}
