using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.EndToEnd.Apps.Cli;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

public sealed class ClaimingATrial(TwoReplicas replicas) : IClassFixture<TwoReplicas>
{
    [Fact]
    public async Task Gives_credit_once_to_many_who_ask_at_once()
    {
        var (org, key) = await replicas.NewOrganisation();
        var profile = (await replicas.Get<Organisations>().Find(org, default))!;
        var people = new List<Caller>();
        for (var number = 0; number < 8; number++)
        {
            people.Add(await Person($"many{number}@trial.example", org));
        }

        var outcomes = await Task.WhenAll(people.Select(person => replicas.Get<Trials>().Claim(profile, person, default)));

        outcomes.Count(outcome => outcome is ClaimTrialOutcome.Claimed).ShouldBe(1);
        outcomes.Count(outcome => outcome is ClaimTrialOutcome.AlreadyClaimed).ShouldBe(7);
        (await Available(key)).ShouldBe(5_000_000);
    }

    [Fact]
    public async Task Gives_one_to_a_person_however_many_organisations_they_have()
    {
        var person = await Person("one@trial.example", await Organisation());

        var first = await Claim(person);
        var second = await Claim(person with { Org = (await replicas.NewOrganisation()).Org });

        first.ShouldBeOfType<ClaimTrialOutcome.Claimed>().Trial.Credit.ShouldBe(new Money(5_000_000, Currency.Usd));
        second.ShouldBeOfType<ClaimTrialOutcome.AlreadyClaimed>();
    }

    [Theory]
    [InlineData("ada.lovelace+quoin@gmail.com", "AdaLovelace@googlemail.com")]
    [InlineData("bob+1@outlook.com", "bob+2@outlook.com")]
    [InlineData("cy@protonmail.com", "cy+x@pm.me")]
    public async Task Gives_one_to_a_mailbox_however_its_address_is_written(string one, string other)
    {
        (await Claim(await Person(one, await Organisation()))).ShouldBeOfType<ClaimTrialOutcome.Claimed>();

        (await Claim(await Person(other, await Organisation()))).ShouldBeOfType<ClaimTrialOutcome.AlreadyClaimed>();
    }

    [Fact]
    public async Task Tells_mailboxes_apart_where_nobody_says_they_are_one()
    {
        (await Claim(await Person("d.e@company.example", await Organisation()))).ShouldBeOfType<ClaimTrialOutcome.Claimed>();

        (await Claim(await Person("de@company.example", await Organisation()))).ShouldBeOfType<ClaimTrialOutcome.Claimed>();
    }

    [Fact]
    public async Task Is_for_people_whose_address_is_proved_and_who_act_themselves()
    {
        var unproved = await Person("unproved@trial.example", await Organisation(), isVerified: false);
        var proved = await Person("stead@trial.example", await Organisation());
        var key = new Caller(Realm.Organisation, "key_x", proved.Org, proved.Permissions);

        (await Claim(unproved)).ShouldBeOfType<ClaimTrialOutcome.AddressNotProved>();
        (await Claim(proved with { Impersonator = "usr_x" })).ShouldBeOfType<ClaimTrialOutcome.NotAPerson>();
        (await Claim(key)).ShouldBeOfType<ClaimTrialOutcome.NotAPerson>();
    }

    [Fact]
    public async Task Is_closed_where_a_flag_says_so()
    {
        var person = await Person("closed@trial.example", await Organisation());
        await replicas.Get<FlagDesk>().Set(
            person.Org, new FlagChange(Flag.TrialsEnabled.Name, JsonElement.Parse("false")), "test", default);

        (await Claim(person)).ShouldBeOfType<ClaimTrialOutcome.Closed>();
    }

    private async Task<OrgId> Organisation() => (await replicas.NewOrganisation()).Org;

    private async Task<ClaimTrialOutcome> Claim(Caller person)
    {
        var profile = await replicas.Get<Organisations>().Find(person.RequiredOrg, default);
        return await replicas.Get<Trials>().Claim(profile!, person, default);
    }

    private async Task<Caller> Person(string email, OrgId org, bool isVerified = true)
    {
        var id = new IdSource(TimeProvider.System).Next();
        await using var command = replicas.Database.Owner.Sql(
            """
            insert into accounts.users (user_id, email, email_folded, email_verified_at, created_at)
            values ($1, $2, lower($2), $3, $4)
            """,
            id,
            email,
            isVerified ? DateTimeOffset.UnixEpoch : null,
            DateTimeOffset.UnixEpoch);
        await command.ExecuteNonQueryAsync();
        return new Caller(
            Realm.Organisation, new UserId(id).ToString(), org, MemberRole.PermissionsOf(MemberRole.Owner));
    }

    private async Task<long> Available(string key)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new HttpClient { BaseAddress = new Uri(replicas.Urls[0]) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        while (true)
        {
            var balances = JsonElement.Parse(await client.GetStringAsync("/v1/balance", patience.Token)).GetProperty("data");
            if (balances.GetArrayLength() > 0
                && balances[0].GetProperty("available").GetProperty("amount_micros").GetInt64() is > 0 and var micros)
            {
                return micros;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }
}
