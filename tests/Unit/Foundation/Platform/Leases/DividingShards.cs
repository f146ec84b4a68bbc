using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.Leasing;

public sealed class DividingShards
{
    [Theory]
    [InlineData(16, 1)]
    [InlineData(16, 2)]
    [InlineData(16, 3)]
    [InlineData(16, 16)]
    [InlineData(16, 20)]
    [InlineData(1, 3)]
    public void Covers_all_of_them_and_differs_by_one_at_most(int shards, int replicas)
    {
        var members = Enumerable.Range(0, replicas).Select(index => $"replica-{index}").ToList();

        var quotas = members.Select(member => ShardQuota.Of(shards, members, member)).ToList();

        quotas.Sum().ShouldBe(shards);
        (quotas.Max() - quotas.Min()).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Does_not_depend_on_the_order_in_which_members_are_read()
    {
        ShardQuota.Of(3, ["b", "a"], "a").ShouldBe(2);
        ShardQuota.Of(3, ["a", "b"], "b").ShouldBe(1);
    }
}
