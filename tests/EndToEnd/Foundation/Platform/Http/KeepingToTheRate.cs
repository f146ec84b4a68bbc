using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

public sealed class KeepingToTheRate(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Refuses_what_is_beyond_an_organisations_rate_on_both_replicas_and_says_when_to_come_back()
    {
        await using var one = await Replica();
        await using var other = await Replica();
        var acme = await one.CreateOrganisation();
        var globex = await one.CreateOrganisation();
        using var here = one.Client(acme.Key);
        using var there = other.Client(acme.Key);

        var answers = new List<HttpStatusCode>();
        for (var number = 0; number < 12; number++)
        {
            answers.Add((await (number % 2 == 0 ? here : there).GetAsync("/v1/organisation")).StatusCode);
        }

        answers.Count(status => status == HttpStatusCode.OK).ShouldBe(10);
        var refused = await there.GetAsync("/v1/organisation");
        await refused.Problem(429, "too_many_requests");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        using var others = one.Client(globex.Key);
        (await others.GetAsync("/v1/organisation")).StatusCode.ShouldBe(HttpStatusCode.OK);
        clock.Advance(refused.Headers.RetryAfter.Delta!.Value);
        (await there.GetAsync("/v1/organisation")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private Task<TestHost> Replica() => TestHost.Start(
        database,
        roles: "api",
        clock: clock,
        configure: services => services.Replace(ServiceDescriptor.Singleton(new RequestRateOptions(PerMinute: 6))));
}
